// Instructions of AArch64, as the Arm Architecture Reference Manual encodes
// them.

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
constexpr Row kRows[] = {
    {"200080d2", "mov x0, #1", "r0 = 1"},
    {"00008012", "mov w0, #-1", "r0 = 0xffffffff"},
    {"e09f08b2", "mov x0, #0xff00ff00ff00ff00", "r0 = 0xff00ff00ff00ff00"},
    {"a100a0d2", "movz x1, #5, lsl #16", "r1 = 0x50000"},
    {"a100a092", "movn x1, #5, lsl #16", "r1 = 0xfffffffffffaffff"},
    {"8246a272", "movk w2, #0x1234, lsl #16",
     "r2 = r2 & 0xffff; r2 = r2 | 0x12340000"},
    {"8246e2f2", "movk x2, #0x1234, lsl #48",
     "r2 = r2 & 0xffffffffffff; r2 = r2 | 0x1234000000000000"},
    {"e30304aa", "mov x3, x4", "r3 = r4"},
    {"fd030091", "mov x29, sp", "r29 = r31"},
    {"e3031f2a", "mov w3, wzr", "r3 = 0"},
    {"201c0053", "uxtb w0, w1", "r0 = r1:1"},
    {"203c0013", "sxth w0, w1", "r0 = r1:2 signed"},
    {"207c4093", "sxtw x0, w1", "r0 = r1 signed"},
    {"80000010", "adr x0, .+16", "r0 = 0x1010"},
    {"20044091", "add x0, x1, #1, lsl #12", "r0 = r1 + 0x1000"},
    {"200c028b", "add x0, x1, x2, lsl #3", "r0 = &[r1+r2*8]"},
    {"20c8228b", "add x0, x1, w2, sxtw #2", "r0 = &[r1+r2*4]"},
    {"201000b1", "adds x0, x1, #4", "r0 = r1 + 4, flags"},
    {"ff8300d1", "sub sp, sp, #32", "r31 = r31 - 32"},
    {"20140071", "subs w0, w1, #5", "r0 = r1 - 5, flags"},
    {"200c02cb", "sub x0, x1, x2, lsl #3", "r0 = r1 ~ r2"},
    {"201c0052", "eor w0, w1, #0xff", "r0 = r1 ^ 255"},
    {"2000020a", "and w0, w1, w2", "r0 = r1 & r2"},
    {"2000026a", "ands w0, w1, w2", "r0 = r1 & r2, flags"},
    {"831c0032", "orr w3, w4, #0xff", "r3 = r4 | 255"},
    {"2000220a", "bic w0, w1, w2", "r0 = r1 ~ r2"},
    {"20f07dd3", "lsl x0, x1, #3", "r0 = r1 ~ 3"},
    {"207c029b", "mul x0, x1, x2", "r0 = r1 ~ r2"},
    {"e003212a", "mvn w0, w1", "r0 = r1 ~ ?"},
    {"1f140071", "cmp w0, #5", "compare r0 5:4"},
    {"1f00216b", "cmp w0, w1, uxtb", "compare r0 r1:4"},
    {"1f08016b", "cmp w0, w1, lsl #2", "compare r0 ?:4"},
    {"1f040031", "cmn w0, #1", "compare r0 0xffffffff:4"},
    {"1f001e72", "tst w0, #4", "test r0 4:4"},
    {"0418457a", "ccmp w0, #5, #4, ne", "? lost, flags"},
    {"0008457a80000054", "ccmp w0, #5, #0, eq; b.eq .+16",
     "if unequal goto 1008; compare r0 5:4; if equal goto 1014"},
    {"0008457a81000054", "ccmp w0, #5, #0, eq; b.ne .+16",
     "if unequal goto 1014; compare r0 5:4; if unequal goto 1014"},
    {"0418457a2418467a81000054",
     "ccmp w0, #5, #4, ne; ccmp w1, #6, #4, ne; b.ne .+16",
     "if equal goto 100c; compare r0 5:4; if equal goto 100c; compare r1 6:4; "
     "if unequal goto 1018"},
    {"0418457a2408467a81000054",
     "ccmp w0, #5, #4, ne; ccmp w1, #6, #4, eq; b.ne .+16",
     "? lost, flags; if unequal goto 100c; compare r1 6:4; if unequal goto "
     "1018"},
    {"e0179f1a", "cset w0, eq", "r0 = equal"},
    {"e0a39f5a", "csetm w0, lt", "r0 = 0; if less r0 = 0xffffffff"},
    {"2080821a", "csel w0, w1, w2, hi", "r0 = r2; if more r0 = r1"},
    {"0080821a", "csel w0, w0, w2, hi", "if not more r0 = r2"},
    {"20849f1a", "csinc w0, w1, wzr, hi", "r0 = 1; if more r0 = r1"},
    {"2084821a", "csinc w0, w1, w2, hi", "r0 = r2 + 1; if more r0 = r1"},
    {"2004811a", "cinc w0, w1, ne", "r0 = r1 ~ 1"},
    {"200440f9", "ldr x0, [x1, #8]", "r0 = [r1+8]:8"},
    {"208c40b8", "ldr w0, [x1, #8]!", "r1 = r1 + 8; r0 = [r1]:4"},
    {"208440f8", "ldr x0, [x1], #8", "r0 = [r1]:8; r1 = r1 + 8"},
    {"207862f8", "ldr x0, [x1, x2, lsl #3]", "r0 = [r1+r2*8]:8"},
    {"20486238", "ldrb w0, [x1, w2, uxtw]", "r0 = [r1+r2*1]:1"},
    {"2000c039", "ldrsb w0, [x1]", "r0 = [r1]:1 signed"},
    {"200480b9", "ldrsw x0, [x1, #4]", "r0 = [r1+4]:4 signed"},
    {"20044079", "ldrh w0, [x1, #2]", "r0 = [r1+2]:2"},
    {"20805ff8", "ldur x0, [x1, #-8]", "r0 = [r1-8]:8"},
    {"80000058", "ldr x0, .+16", "r0 = [+0x1010]:8"},
    {"1f000039", "strb wzr, [x0]", "[r0] = 0:1"},
    {"fd7bbea9", "stp x29, x30, [sp, #-32]!",
     "r31 = r31 - 32; [r31] = r29:8; [r31+8] = r30:8"},
    {"fd7bc2a8", "ldp x29, x30, [sp], #32",
     "r29 = [r31]:8; r30 = [r31+8]:8; r31 = r31 + 32"},
    {"210040a9", "ldp x1, x0, [x1]", "r0 = [r1+8]:8; r1 = [r1]:8"},
    {"40044069", "ldpsw x0, x1, [x2]",
     "r0 = [r2]:4 signed; r1 = [r2+4]:4 signed"},
    {"e007803d", "str q0, [sp, #16]", "[r31+16] = ?:16"},
    {"e827c16c", "ldp d8, d9, [sp], #16",
     "? = [r31]:8; ? = [r31+8]:8; r31 = r31 + 16"},
    {"207c0288", "stxr w2, w0, [x1]", "[r1] = r0:4; r2 lost"},
    {"0000c03d", "ldr q0, [x0]", "? = [r0]:16"},
    {"0000261e", "fmov w0, s0", "r0 = ? ~ ?"},
    {"0020611e", "fcmp d0, d1", "? lost, flags"},
    {"000080f9", "prfm pldl1keep, [x0]", "? lost"},
    {"04000014", "b .+16", "goto 1010"},
    {"04000094", "bl .+16", "call 1010"},
    {"8d000054", "b.le .+16", "if not more goto 1010"},
    {"800000b4", "cbz x0, .+16", "compare r0 0:8; if equal goto 1010"},
    {"80ffff35", "cbnz w0, .-16", "compare r0 0:4; if unequal goto ff0"},
    {"80001836", "tbz w0, #3, .+16", "test r0 8:4; if equal goto 1010"},
    {"800008b7", "tbnz x0, #33, .+16",
     "test r0 0x200000000:8; if unequal goto 1010"},
    {"00001fd6", "br x0", "goto r0"},
    {"20003fd6", "blr x1", "call r1"},
    {"c0035fd6", "ret", "return"},
    {"200020d4", "brk #1", "stop"},
    {"00000000", "udf #0", "stop"},
    {"010000d4", "svc #0", "r0 lost"},
    {"1f2003d5", "nop", "? lost"},
    {"5f2403d5", "bti c", "? lost"},
    {"ff0b5fd6", "retaa", "return"},
    {"7f081fd6", "braaz x3", "goto r3"},
    {"64083fd7", "blraa x3, x4", "call r3"},
    {"410020b8", "ldadd w0, w1, [x2]", "r1 lost"},
    {"417ca088", "cas w0, w1, [x2]", "r0 lost"},
    {"000000d0", "adrp x0, .+0x2000", "r0 = 0x3000"},
    {"5f2403d590000090110640f91022009120021fd6",
     "bti c; adrp x16; ldr x17, [x16, #8]; add x16; br x17",
     "? lost; r16 = 0x11000; r17 = [r16+8]:8; r16 = r16 + 8; goto r17"},
};

TEST(Arm64Test, TellsWhatInstructionsDo) {
  for (const Row& row : kRows) {
    EXPECT_EQ(RenderCode(kArm64, Hex(row.bytes), 0x1000), row.operations)
        << row.text;
  }
}

TEST(Arm64Test, DecodesNoPartOfAnInstruction) {
  for (const std::string_view bytes : {"", "20", "2000", "200080"}) {
    std::vector<Operation> operations;
    EXPECT_EQ(kArm64.decoder()->Decode(Hex(bytes), 0x1000, operations), 0U);
    EXPECT_TRUE(operations.empty()) << bytes;
  }
}

// The branch that belongs to it may be cut off, or be none.
TEST(Arm64Test, LosesTheFlagsOfALoneConditionalComparison) {
  const std::string_view lost = "? lost, flags";
  EXPECT_EQ(RenderCode(kArm64, Hex("0008457a"), 0x1000), lost);
  EXPECT_EQ(RenderCode(kArm64, Hex("0008457a8000"), 0x1000),
            "? lost, flags; none");
  EXPECT_EQ(RenderCode(kArm64, Hex("0008457ac0035fd6"), 0x1000),
            "? lost, flags; return");
}

// What Capstone does not know changes a register at most, and ends nothing.
TEST(Arm64Test, GoesOnBehindWhatIsNotKnown) {
  EXPECT_EQ(RenderCode(kArm64, Hex("ffffffffc0035fd6"), 0x1000),
            "? lost; return");
}

TEST(Arm64Test, IsChosenByTheHeader) {
  EXPECT_EQ(MachineOf({.machine = 183, .is_64 = true}), &kArm64);
  EXPECT_EQ(MachineOf({.machine = 183, .is_64 = true, .big = true}), nullptr);
  EXPECT_EQ(MachineOf({.machine = 183}), nullptr);
}

}  // namespace
}  // namespace assay::code
