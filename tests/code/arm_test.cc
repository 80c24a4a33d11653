// Instructions of ARM and Thumb, as the ARM Architecture Reference Manual
// ARMv7-A encodes them.

#include <gtest/gtest.h>

#include "tests/code/operations.h"
#include "tests/support/hex.h"

namespace assay::code {
namespace {

using testing::Hex;

struct Row {
  std::string_view bytes;
  std::string_view text;  // as an assembler takes it
  std::string_view operations;
};

// At address 0x1000.
constexpr Row kArmRows[] = {
    {"0100a0e3", "mov r0, #1", "r0 = 1"},
    {"0100a0e1", "mov r0, r1", "r0 = r1"},
    {"0100b0e1", "movs r0, r1", "r0 = r1; compare r0 0:4"},
    {"0500e0e3", "mvn r0, #5", "r0 = 0xfffffffa"},
    {"340201e3", "movw r0, #0x1234", "r0 = 0x1234"},
    {"340241e3", "movt r0, #0x1234", "r0 = r0 & 0xffff; r0 = r0 | 0x12340000"},
    {"040081e2", "add r0, r1, #4", "r0 = r1 + 4"},
    {"08008fe2", "add r0, pc, #8", "r0 = 0x1010"},
    {"00008fe0", "add r0, pc, r0", "r0 = 0x1008 + r0"},
    {"020181e0", "add r0, r1, r2, lsl #2", "r0 = &[r1+r2*4]"},
    {"10d04de2", "sub sp, sp, #16", "r13 = r13 - 16"},
    {"010051e2", "subs r0, r1, #1", "r0 = r1 - 1, flags"},
    {"000061e2", "rsb r0, r1, #0", "r0 = 0 - r1"},
    {"0100a0e0", "adc r0, r0, r1", "r0 = r0 ~ r1"},
    {"030001e2", "and r0, r1, #3", "r0 = r1 & 3"},
    {"0300c1e3", "bic r0, r1, #3", "r0 = r1 & 0xfffffffc"},
    {"0200c1e1", "bic r0, r1, r2", "r0 = r1 ~ r2"},
    {"020081e1", "orr r0, r1, r2", "r0 = r1 | r2"},
    {"550021e2", "eor r0, r1, #0x55", "r0 = r1 ^ 85"},
    {"a20121e0", "eor r0, r1, r2, lsr #3", "r0 = r1 ~ r2"},
    {"0101a0e1", "lsl r0, r1, #2", "r0 = r1 ~ ?"},
    {"910200e0", "mul r0, r1, r2", "r0 = r1 ~ r2"},
    {"920381e0", "umull r0, r1, r2, r3", "r0 = r1 ~ r2; r1 lost"},
    {"110f6fe1", "clz r0, r1", "r0 = r1 ~ ?"},
    {"7100efe6", "uxtb r0, r1", "r0 = r1:1"},
    {"7104efe6", "uxtb r0, r1, ror #8", "r0 = r1 ~ ?"},
    {"7100bfe6", "sxth r0, r1", "r0 = r1:2 signed"},
    {"050050e3", "cmp r0, #5", "compare r0 5:4"},
    {"010150e1", "cmp r0, r1, lsl #2", "compare r0 ?:4"},
    {"010070e3", "cmn r0, #1", "compare r0 0xffffffff:4"},
    {"040010e3", "tst r0, #4", "test r0 4:4"},
    {"040030e3", "teq r0, #4", "? = r0 ^ 4, flags"},
    {"040091e5", "ldr r0, [r1, #4]", "r0 = [r1+4]:4"},
    {"0400b1e5", "ldr r0, [r1, #4]!", "r1 = r1 + 4; r0 = [r1]:4"},
    {"040011e4", "ldr r0, [r1], #-4", "r0 = [r1]:4; r1 = r1 - 4"},
    {"020191e7", "ldr r0, [r1, r2, lsl #2]", "r0 = [r1+r2*4]:4"},
    {"020011e7", "ldr r0, [r1, -r2]", "r0 = ?"},
    {"020091e6", "ldr r0, [r1], r2", "r0 = [r1]:4; r1 = r1 + r2"},
    {"10009fe5", "ldr r0, [pc, #16]", "r0 = [+0x1018]:4"},
    {"0100d1e4", "ldrb r0, [r1], #1", "r0 = [r1]:1; r1 = r1 + 1"},
    {"d000d1e1", "ldrsb r0, [r1]", "r0 = [r1]:1 signed"},
    {"b200d1e1", "ldrh r0, [r1, #2]", "r0 = [r1+2]:2"},
    {"d820c2e1", "ldrd r2, r3, [r2, #8]", "r3 = [r2+12]:4; r2 = [r2+8]:4"},
    {"f820e1e1", "strd r2, r3, [r1, #8]!",
     "r1 = r1 + 8; [r1] = r2:4; [r1+4] = r3:4"},
    {"04002de5", "str r0, [sp, #-4]!", "r13 = r13 - 4; [r13] = r0:4"},
    {"0100c1e5", "strb r0, [r1, #1]", "[r1+1] = r0:1"},
    {"30402de9", "push {r4, r5, lr}", "push r14; push r5; push r4"},
    {"3080bde8", "pop {r4, r5, pc}", "pop r4; pop r5; pop ?; return"},
    {"3000bde8", "pop {r4, r5}", "pop r4; pop r5"},
    {"04f09de4", "pop {pc}", "pop ?; return"},
    {"060090e8", "ldm r0, {r1, r2}", "r1 = [r0]:4; r2 = [r0+4]:4"},
    {"0600b0e8", "ldm r0!, {r1, r2}",
     "r1 = [r0]:4; r2 = [r0+4]:4; r0 = r0 + 8"},
    {"070091e8", "ldm r1, {r0, r1, r2}",
     "r0 = [r1]:4; r2 = [r1+8]:4; r1 = [r1+4]:4"},
    {"060020e9", "stmdb r0!, {r1, r2}",
     "[r0-8] = r1:4; [r0-4] = r2:4; r0 = r0 - 8"},
    {"06008de9", "stmib sp, {r1, r2}", "[r13+4] = r1:4; [r13+8] = r2:4"},
    {"10a81be9", "ldmdb fp, {r4, fp, sp, pc}",
     "r4 = [r11-16]:4; r13 = [r11-8]:4; r11 = [r11-12]:4; return"},
    {"902f81e1", "strex r2, r0, [r1]", "[r1] = r0:4; r2 lost"},
    {"020000ea", "b .+16", "goto 1010"},
    {"faffffeb", "bl .-16", "call ff0"},
    {"020000fb", "blx .+18", "call 1013"},
    {"33ff2fe1", "blx r3", "call r3"},
    {"1eff2fe1", "bx lr", "return"},
    {"13ff2fe1", "bx r3", "goto r3"},
    {"1fff2fe1", "bx pc", "goto 1008"},
    {"0ef0a0e1", "mov pc, lr", "return"},
    {"03f0a0e1", "mov pc, r3", "goto r3"},
    {"00f093e5", "ldr pc, [r3]", "goto [r3]"},
    {"04f01fe5", "ldr pc, [pc, #-4]", "goto [+0x1004]"},
    {"23f1bce5", "ldr pc, [ip, #0x123]!", "r12 = r12 + 291; goto [r12]"},
    {"04f04ee2", "sub pc, lr, #4", "return"},
    {"00c68fe202c98ce223f1bce5",
     "add ip, pc, #0, 12; add ip, ip, #0x8000; ldr pc, [ip, #0x123]!",
     "r12 = 0x1008; r12 = r12 + 0x8000; r12 = r12 + 291; goto [r12]"},
    {"0fe0a0e113ff2fe1", "mov lr, pc; bx r3", "call r3"},
    {"0fe0a0e104f093e5", "mov lr, pc; ldr pc, [r3, #4]", "call [r3+4]"},
    {"0200000a", "beq .+16", "if equal goto 1010"},
    {"0100a003", "moveq r0, #1", "if equal r0 = 1"},
    {"0100a0030000a013", "moveq r0, #1; movne r0, #0",
     "r0 = 0; if equal r0 = 1"},
    {"0000a0130200000a", "movne r0, #0; beq .+16",
     "if equal goto 1014; r0 = 0"},
    {"0100a0030200000a", "moveq r0, #1; beq .+16",
     "if unequal goto 1008; r0 = 1; goto 1014"},
    {"01008112", "addne r0, r1, #1", "if equal goto 1004; r0 = r1 + 1"},
    {"000081150020a003", "strne r0, [r1]; moveq r2, #0",
     "if equal goto 1004; [r1] = r0:4; if equal r2 = 0"},
    {"0200000b", "bleq .+16", "if unequal goto 1004; call 1010"},
    {"1eff2f01", "bxeq lr", "if unequal goto 1004; return"},
    {"1080bd18", "popne {r4, pc}", "if equal goto 1004; pop r4; pop ?; return"},
    {"03005113", "cmpne r1, #3", "? lost, flags"},
    {"030051130200001a", "cmpne r1, #3; bne .+16",
     "if equal goto 1008; compare r1 3:4; if unequal goto 1014"},
    {"030051130200000a", "cmpne r1, #3; beq .+16",
     "if equal goto 1014; compare r1 3:4; if equal goto 1014"},
    {"03f19f97", "ldrls pc, [pc, r3, lsl #2]",
     "if more goto 1004; goto [+r3*4+0x1008]"},
    {"03f18f90", "addls pc, pc, r3, lsl #2", "if more goto 1004; goto r3"},
    {"020b9fed", "vldr d0, [pc, #8]", "? = [+0x1010]:8"},
    {"020b8ded", "vstr d0, [sp, #8]", "[r13+8] lost"},
    {"048b2ded", "vpush {d8, d9}", "r13 = r13 - 16"},
    {"8d0a43f4", "vst1.32 {d16, d17}, [r3]!", "[r3] lost; r3 = r3 + 16"},
    {"10faf1ee", "vmrs apsr_nzcv, fpscr", "? lost, flags"},
    {"700f1dee", "mrc p15, 0, r0, c13, c0, 3", "r0 lost"},
    {"000000ef", "svc #0", "r0 lost"},
    {"f000f0e7", "udf #0", "stop"},
    {"700020e1", "bkpt #0", "stop"},
    {"00f020e3", "nop", "? lost"},
    {"00f0d0f5", "pld [r0]", "? lost"},
};

// At address 0x1000, which Thumb code has as 0x1001.
constexpr Row kThumbRows[] = {
    {"0120", "movs r0, #1", "r0 = 1, flags"},
    {"0846", "mov r0, r1", "r0 = r1"},
    {"8046", "mov r8, r0", "r8 = r0"},
    {"7844", "add r0, pc", "r0 = r0 + 0x1004"},
    {"01a0", "adr r0, .+8", "r0 = 0x1008"},
    {"0530", "adds r0, #5", "r0 = r0 + 5, flags"},
    {"01a8", "add r0, sp, #4", "r0 = r13 + 4"},
    {"01f22310", "addw r0, r1, #0x123", "r0 = r1 + 291"},
    {"aff20400", "subw r0, pc, #4", "r0 = 0x1000"},
    {"84b0", "sub sp, #16", "r13 = r13 - 16"},
    {"8800", "lsls r0, r1, #2", "r0 = r1 ~ 2, flags"},
    {"0528", "cmp r0, #5", "compare r0 5:4"},
    {"0448", "ldr r0, [pc, #16]", "r0 = [+0x1014]:4"},
    {"00bf0448", "nop; ldr r0, [pc, #16]", "? lost; r0 = [+0x1014]:4"},
    {"51f8040b", "ldr r0, [r1], #4", "r0 = [r1]:4; r1 = r1 + 4"},
    {"30b5", "push {r4, r5, lr}", "push r14; push r5; push r4"},
    {"10bd", "pop {r4, pc}", "pop r4; pop ?; return"},
    {"5df804fb", "ldr pc, [sp], #4", "r13 = r13 + 4; return"},
    {"dff804f0", "ldr.w pc, [pc, #4]", "goto [+0x1008]"},
    {"06c8", "ldm r0!, {r1, r2}", "r1 = [r0]:4; r2 = [r0+4]:4; r0 = r0 + 8"},
    {"06e0", "b .+16", "goto 1011"},
    {"06d0", "beq .+16", "if equal goto 1011"},
    {"00f0fe81", "beq.w .+0x400", "if equal goto 1401"},
    {"00f006f8", "bl .+16", "call 1011"},
    {"fff7f6ff", "bl .-16", "call ff1"},
    {"00f008e8", "blx .+18", "call 1014"},
    {"00bf00f008e8", "nop; blx .+18", "? lost; call 1014"},
    {"9847", "blx r3", "call r3"},
    {"7047", "bx lr", "return"},
    {"784700bf", "bx pc; nop", "goto 1004; ? lost"},
    {"30b1", "cbz r0, .+16", "compare r0 0:4; if equal goto 1011"},
    {"31b9", "cbnz r1, .+16", "compare r1 0:4; if unequal goto 1011"},
    {"dfe800f0", "tbb [pc, r0]", "goto [+r0*1+0x1004]"},
    {"dfe810f0", "tbh [pc, r0, lsl #1]", "goto [+r0*2+0x1004]"},
    {"08bf0120", "it eq; moveq r0, #1", "if equal r0 = 1"},
    {"0cbf01200020", "ite eq; moveq r0, #1; movne r0, #0",
     "r0 = 0; if equal r0 = 1"},
    {"18bf0130", "it ne; addne r0, #1", "if equal goto 1005; r0 = r0 + 1"},
    {"04bf086010bd", "itt eq; streq r0, [r1]; popeq {r4, pc}",
     "if unequal goto 1007; [r1] = r0:4; pop r4; pop ?; return"},
    {"1abf086001300020", "itte ne; strne r0, [r1]; addne r0, #1; moveq r0, #0",
     "if equal goto 1007; [r1] = r0:4; r0 = r0 + 1; if equal r0 = 0"},
    {"18bf032b06d0", "it ne; cmpne r3, #3; beq .+16",
     "if equal goto 1015; compare r3 3:4; if equal goto 1015"},
    {"18bf032b40f0fe81", "it ne; cmpne r3, #3; bne.w .+0x400",
     "if equal goto 1009; compare r3 3:4; if unequal goto 1405"},
    {"08bf7047", "it eq; bxeq lr", "if unequal goto 1005; return"},
    {"08bf06e0", "it eq; beq .+16", "if equal goto 1013"},
    {"18bf013006d0", "it ne; addne r0, #1; beq .+16",
     "if equal goto 1015; r0 = r0 + 1"},
    {"41f2342cc0f2010cfc446047",
     "movw ip, #0x1234; movt ip, #1; add ip, pc; bx ip",
     "r12 = 0x1234; r12 = r12 & 0xffff; r12 = r12 | 0x10000; r12 = r12 + "
     "0x100c; goto r12"},
    {"00de", "udf #0", "stop"},
    {"00be", "bkpt #0", "stop"},
};

TEST(ArmTest, TellsWhatInstructionsDo) {
  for (const Row& row : kArmRows) {
    EXPECT_EQ(RenderCode(kArm, Hex(row.bytes), 0x1000), row.operations)
        << row.text;
  }
}

TEST(ArmTest, TellsWhatThumbInstructionsDo) {
  for (const Row& row : kThumbRows) {
    EXPECT_EQ(RenderCode(kArm, Hex(row.bytes), 0x1001), row.operations)
        << row.text;
  }
}

TEST(ArmTest, DecodesNoPartOfAnInstruction) {
  const auto decoder = kArm.decoder();
  std::vector<Operation> operations;
  for (const std::string_view bytes : {"", "01", "0100", "0100a0"}) {
    EXPECT_EQ(decoder->Decode(Hex(bytes), 0x1000, operations), 0U) << bytes;
  }
  for (const std::string_view bytes : {"", "01", "00f0", "00f006"}) {
    EXPECT_EQ(decoder->Decode(Hex(bytes), 0x1001, operations), 0U) << bytes;
  }
  EXPECT_TRUE(operations.empty());
}

// An IT block ends where the code does.
TEST(ArmTest, KeepsToTheBytesThatThereAre) {
  EXPECT_EQ(RenderCode(kArm, Hex("08bf"), 0x1001), "? lost");
  EXPECT_EQ(RenderCode(kArm, Hex("08bf01"), 0x1001), "? lost; none");
  EXPECT_EQ(RenderCode(kArm, Hex("0cbf0120"), 0x1001), "if equal r0 = 1");
  EXPECT_EQ(RenderCode(kArm, Hex("0300511302"), 0x1000), "? lost, flags; none");
  EXPECT_EQ(RenderCode(kArm, Hex("0fe0a0e1"), 0x1000), "r14 = 0x1008");
}

// Instructions that an IT block does not reach any more are not conditional,
// even if the block was read before.
TEST(ArmTest, RemembersNoItBlock) {
  const auto decoder = kArm.decoder();
  std::vector<Operation> operations;
  EXPECT_EQ(decoder->Decode(Hex("04bf0860"), 0x1001, operations), 4U);
  operations.clear();
  EXPECT_EQ(decoder->Decode(Hex("0120"), 0x1001, operations), 2U);
  EXPECT_EQ(Render(operations), "r0 = 1, flags");
}

TEST(ArmTest, GoesOnBehindWhatIsNotKnown) {
  EXPECT_EQ(RenderCode(kArm, Hex("ffffffff1eff2fe1"), 0x1000),
            "? lost; return");
  EXPECT_EQ(RenderCode(kArm, Hex("ffffffff7047"), 0x1001), "? lost; return");
}

TEST(ArmTest, TellsTheModeByTheLooksOfCode) {
  EXPECT_EQ(kArm.mode_of(Hex("30402de90100a0e33080bde8")), 0);
  EXPECT_EQ(kArm.mode_of(Hex("30b50120084630bd")), 1);
  EXPECT_EQ(kArm.mode_of({}), std::nullopt);
  // Half of it looks like the one, half like the other.
  EXPECT_EQ(kArm.mode_of(Hex("30402de930b50120")), std::nullopt);
}

TEST(ArmTest, IsChosenByTheHeader) {
  EXPECT_EQ(MachineOf({.machine = 40}), &kArm);
  EXPECT_EQ(MachineOf({.machine = 40, .big = true}), nullptr);
  EXPECT_EQ(MachineOf({.machine = 40, .is_64 = true}), nullptr);
}

}  // namespace
}  // namespace assay::code
