// Instructions in the form of the manual (volume II-A of the architecture for
// programmers), assembled, and what they do; "? lost" is nothing.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/code/operations.h"
#include "tests/support/hex.h"
#include "verifier/code/machine.h"

namespace assay::code {
namespace {

constexpr std::uint64_t kAddress = 0x400000;

struct Case {
  std::string_view bytes = {};  // of words, the most significant first
  std::string_view text = {};   // for the assembler
  std::string_view does = {};
};

Bytes Swapped(ByteView bytes) {
  Bytes swapped(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    swapped[i] = bytes[(i & ~std::size_t{3}) + 3 - (i & 3U)];
  }
  return swapped;
}

std::string BigEndian(std::string_view hex) {
  return RenderCode(kMipsBig, testing::Hex(hex), kAddress);
}

std::string LittleEndian(std::string_view hex) {
  return RenderCode(kMipsLittle, Swapped(testing::Hex(hex)), kAddress);
}

constexpr Case kPlain[] = {
    {"00000000", "nop", "? lost"},
    {"24a4fffc", "addiu $4,$5,-4", "r4 = r5 + -4"},
    {"2402ffff", "li $2,-1", "r2 = -1"},
    {"34028000", "ori $2,$0,0x8000", "r2 = 0x8000"},
    {"3484beef", "ori $4,$4,0xbeef", "r4 = r4 | 0xbeef"},
    {"3c04dead", "lui $4,0xdead", "r4 = 0xdead0000"},
    {"00808025", "move $16,$4", "r16 = r4"},
    {"00808025", "or $16,$4,$0", "r16 = r4"},
    {"00051021", "addu $2,$0,$5", "r2 = r5"},
    {"0399e021", "addu $28,$28,$25", "r28 = r28 + r25"},
    {"00851023", "subu $2,$4,$5", "r2 = r4 - r5"},
    {"00041023", "negu $2,$4", "r2 = r4 ~ ?"},
    {"00851024", "and $2,$4,$5", "r2 = r4 & r5"},
    {"308200ff", "andi $2,$4,0xff", "r2 = r4 & 255"},
    {"00851026", "xor $2,$4,$5", "r2 = r4 ^ r5"},
    {"00841026", "xor $2,$4,$4", "r2 = 0"},
    {"38420001", "xori $2,$2,1", "r2 = r2 ^ 1"},
    {"00801027", "nor $2,$4,$0", "r2 = 0 ~ r4"},
    {"00041600", "sll $2,$4,24", "r2 = r4 ~ 24"},
    {"00a41007", "srav $2,$4,$5", "r2 = r4 ~ r5"},
    {"00850018", "mult $4,$5", "r27 = r4 ~ r5; r26 = r4 ~ r5"},
    {"00001012", "mflo $2", "r2 = r27"},
    {"0085001b", "divu $0,$4,$5", "r27 = r4 ~ r5; r26 = r4 ~ r5"},
    {"00001810", "mfhi $3", "r3 = r26"},
    {"70851002", "mul $2,$4,$5", "r2 = r4 ~ r5"},
    {"0085102a", "slt $2,$4,$5", "compare r4 r5:4; r2 = less"},
    {"2882000a", "slti $2,$4,10", "compare r4 10:4; r2 = less"},
    {"2c820001", "sltiu $2,$4,1", "compare r4 0:4; r2 = equal"},
    {"0004102b", "sltu $2,$0,$4", "compare r4 0:4; r2 = unequal"},
    {"0004102a", "slt $2,$0,$4", "compare r4 0:4; r2 = more"},
    {"0004100a", "movz $2,$0,$4", "compare r4 0:4; if equal r2 = 0"},
    {"00a4100b", "movn $2,$5,$4", "compare r4 0:4; if unequal r2 = r5"},
    {"8f998044", "lw $25,-32700($28)", "r25 = [r28-32700]:4"},
    {"90820003", "lbu $2,3($4)", "r2 = [r4+3]:1"},
    {"80820000", "lb $2,0($4)", "r2 = [r4]:1 signed"},
    {"97a20002", "lhu $2,2($29)", "r2 = [r29+2]:2"},
    {"87a20002", "lh $2,2($29)", "r2 = [r29+2]:2 signed"},
    {"afa00018", "sw $0,24($29)", "[r29+24] = 0:4"},
    {"a0820007", "sb $2,7($4)", "[r4+7] = r2:1"},
    {"a4820002", "sh $2,2($4)", "[r4+2] = r2:2"},
    {"8fbc0010", "lw $28,16($29)", "? lost"},
    {"afbc0010", "sw $28,16($29)", "? lost"},
    {"8c9c0000", "lw $28,0($4)", "r28 = [r4]:4"},
    {"8c047000", "lw $4,0x7000($0)", "r4 = [+0x7000]:4"},
    {"c0820000", "ll $2,0($4)", "r2 = [r4]:4"},
    {"e0820000", "sc $2,0($4)", "[r4] = r2:4; r2 lost"},
    {"f7a00018", "sdc1 $f0,24($29)", "[r29+24] lost"},
    {"e7a00018", "swc1 $f0,24($29)", "[r29+24] lost"},
    {"d7a00018", "ldc1 $f0,24($29)", "? lost"},
    {"44020000", "mfc1 $2,$f0", "r2 lost"},
    {"44820000", "mtc1 $2,$f0", "? lost"},
    {"7c041420", "seb $2,$4", "r2 = r4:1 signed"},
    {"7c041620", "seh $2,$4", "r2 = r4:2 signed"},
    {"7c0410a0", "wsbh $2,$4", "r2 = r4 ~ ?"},
    {"7c823800", "ext $2,$4,0,8", "r2 = r4 & 255"},
    {"7c821900", "ext $2,$4,4,4", "r2 = r4 ~ ?"},
    {"7c827a04", "ins $2,$4,8,8", "r2 = r2 ~ r4"},
    {"70821020", "clz $2,$4", "r2 = r4 ~ ?"},
    {"7c03e83b", "rdhwr $3,$29", "r3 lost"},
    {"00a001f4", "teq $5,$0,7", "? lost"},
    {"0000000c", "syscall", "r2 lost; r7 lost"},
    {"0000000d", "break", "stop"},
    {"0000000f", "sync", "? lost"},
    {"00801001", "movf $2,$4,$fcc0", "if other r2 = r4"},
};

TEST(Mips, PlainInstructions) {
  for (const Case& one : kPlain) {
    EXPECT_EQ(BigEndian(one.bytes), one.does) << one.text;
    EXPECT_EQ(LittleEndian(one.bytes), one.does) << one.text;
  }
}

// The slot is before the jump or call, behind the comparison.
constexpr Case kBranches[] = {
    {"03e00008 02001025", "jr $31; move $2,$16", "r2 = r16; return"},
    {"03200008 27bd0020", "jr $25; addiu $29,$29,32",
     "r29 = r29 + 32; goto r25"},
    {"00400008 00000000", "jr $2; nop", "goto r2"},
    {"0320f809 02002025", "jalr $25; move $4,$16", "r4 = r16; call r25"},
    {"0320f809 0200c825", "jalr $25; move $25,$16",
     "r0 = r25; r25 = r16; call r0"},
    {"0c100040 24050003", "jal 0x400100; addiu $5,$0,3", "r5 = 3; call 400100"},
    {"08100040 00000000", "j 0x400100; nop", "goto 400100"},
    {"04110001 00000000", "bal .+8; nop", "r31 = 0x400008"},
    {"0411000f 00000000", "bal .+64; nop", "call 400040"},
    {"10000003 8f998020", "b .+16; lw $25,-32736($28)",
     "r25 = [r28-32736]:4; goto 400010"},
    {"10850003 00001025", "beq $4,$5,.+16; move $2,$0",
     "compare r4 r5:4; r2 = 0; if equal goto 400010"},
    {"10800003 00000000", "beqz $4,.+16; nop",
     "compare r4 0:4; if equal goto 400010"},
    {"14040003 00000000", "bne $0,$4,.+16; nop",
     "compare r4 0:4; if unequal goto 400010"},
    {"1482fffb 28820005", "bne $4,$2,.-16; slti $2,$4,5",
     "compare r4 r2:4; r0 = unequal; compare r4 5:4; r2 = less; compare r0 "
     "0:4; if unequal goto 3ffff0"},
    {"18800003 00000000", "blez $4,.+16; nop",
     "compare r4 0:4; if not more goto 400010"},
    {"1c800003 00000000", "bgtz $4,.+16; nop",
     "compare r4 0:4; if more goto 400010"},
    {"04800003 00000000", "bltz $4,.+16; nop",
     "compare r4 0:4; if less goto 400010"},
    {"04810003 aca40000", "bgez $4,.+16; sw $4,0($5)",
     "compare r4 0:4; [r5] = r4:4; if not less goto 400010"},
    {"50850003 24020001", "beql $4,$5,.+16; addiu $2,$0,1",
     "compare r4 r5:4; if unequal goto 400008; r2 = 1; goto 400010"},
    {"54800003 0085102a", "bnezl $4,.+16; slt $2,$4,$5",
     "compare r4 0:4; if equal goto 400008; compare r4 r5:4; r2 = less; goto "
     "400010"},
    {"04830003 00000000", "bgezl $4,.+16; nop",
     "compare r4 0:4; if less goto 400008; goto 400010"},
    {"45010003 00000000", "bc1t .+16; nop",
     "compare ? 0:4; if other goto 400010"},
    {"10850003 03e00008", "beq $4,$5,.+16; jr $31",
     "compare r4 r5:4; if equal goto 400010"},
};

TEST(Mips, BranchesComeWithTheirSlots) {
  for (const Case& one : kBranches) {
    EXPECT_EQ(BigEndian(one.bytes), one.does) << one.text;
    EXPECT_EQ(LittleEndian(one.bytes), one.does) << one.text;
  }
}

// Of two that move a word, the one that names its first byte does.
TEST(Mips, WordsThatLieAcrossOthers) {
  EXPECT_EQ(BigEndian("88820000 98820003"), "r2 = [r4]:4; ? lost");
  EXPECT_EQ(LittleEndian("88820003 98820000"), "? lost; r2 = [r4]:4");
  EXPECT_EQ(BigEndian("a8820000 b8820003"), "[r4] = r2:4; ? lost");
  EXPECT_EQ(LittleEndian("a8820003 b8820000"), "? lost; [r4] = r2:4");
}

TEST(Mips, LengthsAndAddresses) {
  const auto decoder = kMipsBig.decoder();
  std::vector<Operation> operations;
  EXPECT_EQ(decoder->Decode(testing::Hex("24a4fffc"), kAddress, operations),
            4U);
  ASSERT_EQ(operations.size(), 1U);
  EXPECT_EQ(operations[0].length, 4);
  EXPECT_EQ(operations[0].address, kAddress);
  operations.clear();
  const Bytes likely = testing::Hex("50850003 24020001");
  EXPECT_EQ(decoder->Decode(likely, kAddress, operations), 8U);
  ASSERT_EQ(operations.size(), 4U);
  EXPECT_EQ(operations[1].address, kAddress);
  EXPECT_EQ(operations[2].address, kAddress + 4);  // entered by falling through
  EXPECT_EQ(operations[3].address, kAddress + 4);
}

TEST(Mips, NothingOfWhatIsCutOff) {
  for (const std::string_view hex : {"", "24", "24a4", "24a4ff"}) {
    std::vector<Operation> operations;
    EXPECT_EQ(kMipsBig.decoder()->Decode(testing::Hex(hex), 0, operations), 0U);
    EXPECT_TRUE(operations.empty());
  }
  for (const std::string_view branch :
       {"03e00008", "0320f809", "0c100040", "10850003", "50850003", "04110001",
        "45010003", "10850003 0000", "10850003 240200"}) {
    std::vector<Operation> operations;
    EXPECT_EQ(kMipsBig.decoder()->Decode(testing::Hex(branch), 0, operations),
              0U);
    EXPECT_TRUE(operations.empty()) << branch;
  }
}

TEST(Mips, NothingOfWhatIsNoInstruction) {
  for (const std::string_view hex :
       {"00000005", "00000035", "64000000", "6c000000", "70000000 9c000000",
        "dc820000", "fc820000"}) {
    EXPECT_NE(BigEndian(hex).find("none"), std::string::npos) << hex;
  }
}

TEST(Mips, MachinesByHeader) {
  const MachineKey o32 = {.machine = 8, .big = true, .flags = 0x70001007};
  EXPECT_EQ(MachineOf(o32), &kMipsBig);
  EXPECT_EQ(MachineOf({.machine = 8, .flags = 0x50001005}), &kMipsLittle);
  EXPECT_EQ(MachineOf({.machine = 8, .flags = 0x00000000}), &kMipsLittle);
  for (const std::uint32_t other : {0x74001007U, 0x72001007U, 0x70000027U,
                                    0x70002007U, 0x70003007U, 0x90001407U}) {
    EXPECT_EQ(MachineOf({.machine = 8, .big = true, .flags = other}), nullptr)
        << std::hex << other;
  }
  EXPECT_EQ(MachineOf({.machine = 8, .is_64 = true, .flags = 0x80000007}),
            nullptr);
}

}  // namespace
}  // namespace assay::code
