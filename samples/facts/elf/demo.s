# An inert shared library with one of each: see README.md.
  .text
  .globl demo_export
  .type demo_export, @function
demo_export:
  call __stack_chk_fail@PLT
  call __printf_chk@PLT
  call demo_pick@PLT
  ret
impl:
  ret
  .globl demo_pick
  .type demo_pick, @gnu_indirect_function
demo_pick:
  lea impl(%rip), %rax
  ret
  .hidden demo_hidden
  .globl demo_hidden
demo_hidden:
  ret
  .section .init_array, "aw"
  .quad impl
  .quad demo_hidden
  .section .note.GNU-stack, "", @progbits
