// Instructions of x86-64, as the Intel 64 and IA-32 Architectures Software
// Developer's Manual, volume 2, encodes them.

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

// At address 0x1000; registers 0 to 15 are rax rcx rdx rbx rsp rbp rsi rdi r8
// ..., 16 is xmm0.
constexpr Row kRows[] = {
    {"b801000000", "mov $1, %eax", "r0 = 1"},
    {"4889f3", "mov %rsi, %rbx", "r3 = r6"},
    {"8b4708", "mov 8(%rdi), %eax", "r0 = [r7+8]:4"},
    {"894c9410", "mov %ecx, 0x10(%rsp,%rdx,4)", "[r4+r2*4+16] = r1:4"},
    {"48b88877665544332211", "movabs $0x1122334455667788, %rax",
     "r0 = 0x1122334455667788"},
    {"c745f844434241", "movl $0x41424344, -8(%rbp)", "[r5-8] = 0x41424344:4"},
    {"0fb607", "movzbl (%rdi), %eax", "r0 = [r7]:1"},
    {"0fbe07", "movsbl (%rdi), %eax", "r0 = [r7]:1 signed"},
    {"4863c7", "movslq %edi, %rax", "r0 = r7 signed"},
    {"488d3d20000000", "lea 0x20(%rip), %rdi", "r7 = &[+0x1027]"},
    {"488b0520000000", "mov 0x20(%rip), %rax", "r0 = [+0x1027]:8"},
    {"8d1480", "lea (%rax,%rax,4), %edx", "r2 = &[r0+r0*4]"},
    {"4883c708", "add $8, %rdi", "r7 = r7 + 8, flags"},
    {"4883ec28", "sub $0x28, %rsp", "r4 = r4 - 40, flags"},
    {"ffc1", "inc %ecx", "r1 = r1 + 1, flags"},
    {"ffc9", "dec %ecx", "r1 = r1 - 1, flags"},
    {"31c0", "xor %eax, %eax", "r0 = 0, flags"},
    {"345a", "xor $0x5a, %al", "r0 = r0 ^ 90, flags"},
    {"4831d0", "xor %rdx, %rax", "r0 = r0 ^ r2, flags"},
    {"83e00f", "and $0xf, %eax", "r0 = r0 & 15, flags"},
    {"4809d0", "or %rdx, %rax", "r0 = r0 | r2, flags"},
    {"48c1e003", "shl $3, %rax", "r0 = r0 ~ 3, flags"},
    {"480fafc2", "imul %rdx, %rax", "r0 = r0 ~ r2, flags"},
    {"6bc21f", "imul $0x1f, %edx, %eax", "r0 = r2 ~ 31, flags"},
    {"83f805", "cmp $5, %eax", "compare r0 5:4"},
    {"813c2457455846", "cmpl $0x46584557, (%rsp)", "compare [r4] 0x46584557:4"},
    {"4839d0", "cmp %rdx, %rax", "compare r0 r2:8"},
    {"85c0", "test %eax, %eax", "test r0 r0:4"},
    {"f60702", "testb $2, (%rdi)", "test [r7] 2:1"},
    {"f6c440", "test $0x40, %ah", "test r0 0x4000:2"},
    {"0f94c0", "sete %al", "r0 = equal"},
    {"0f95c2", "setne %dl", "r2 = unequal"},
    {"0f4cc2", "cmovl %edx, %eax", "if less r0 = r2"},
    {"53", "push %rbx", "push r3"},
    {"415c", "pop %r12", "pop r12"},
    {"e800010000", "call .+0x105", "call 1105"},
    {"ff1520000000", "call *0x20(%rip)", "call [+0x1026]"},
    {"ffd0", "call *%rax", "call r0"},
    {"eb1e", "jmp .+0x20", "goto 1020"},
    {"ffe0", "jmp *%rax", "goto r0"},
    {"741e", "je .+0x20", "if equal goto 1020"},
    {"771e", "ja .+0x20", "if more goto 1020"},
    {"7e1e", "jle .+0x20", "if not more goto 1020"},
    {"781e", "js .+0x20", "if less goto 1020"},
    {"7a1e", "jp .+0x20", "if other goto 1020"},
    {"c9", "leave", "r4 = r5; pop r5"},
    {"c3", "ret", "return"},
    {"f4", "hlt", "stop"},
    {"0f0b", "ud2", "stop"},
    {"64488b042528000000", "mov %fs:0x28, %rax", "r0 = ?"},
    {"660f6f0520000000", "movdqa 0x20(%rip), %xmm0", "r16 = [+0x1028]:16"},
    {"0f290c24", "movaps %xmm1, (%rsp)", "[r4] = r17:16"},
    {"660fefd2", "pxor %xmm2, %xmm2", "r18 = 0, flags"},
    {"4898", "cltq", "r0 lost, flags"}};

TEST(X86Test, SaysWhatInstructionsDo) {
  for (const Row& row : kRows) {
    EXPECT_EQ(RenderCode(kX86_64, Hex(row.bytes), 0x1000), row.operations)
        << row.text;
  }
}

TEST(X86Test, RefusesWhatIsCutOrNoInstruction) {
  for (const Row& row : kRows) {
    const Bytes bytes = Hex(row.bytes);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      std::vector<Operation> operations;
      const Bytes part = CopyOf(ByteView(bytes).first(size));
      EXPECT_LE(kX86_64.decoder()->Decode(part, 0x1000, operations), size)
          << row.text;
    }
  }
  for (const std::string_view none : {"06", "d6", "0f04", "c4", "ffff", "f0"}) {
    EXPECT_EQ(RenderCode(kX86_64, Hex(none), 0x1000), "none") << none;
  }
}

// The same bytes are other instructions of other registers there.
TEST(X86Test, ReadsThirtyTwoBitCode) {
  EXPECT_EQ(RenderCode(kX86_32, Hex("40"), 0x1000), "r0 = r0 + 1, flags");
  EXPECT_EQ(RenderCode(kX86_32, Hex("a144332211"), 0x1000),
            "r0 = [+0x11223344]:4");
  EXPECT_EQ(RenderCode(kX86_32, Hex("6a00"), 0x1000), "push 0");
}

}  // namespace
}  // namespace assay::code
