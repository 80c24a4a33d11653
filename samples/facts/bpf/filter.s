# An inert shared library whose data hold two packet filters: see README.md.
  .text
  .globl demo
  .type demo, @function
demo:
  ret
  .macro op code, t, f, k
  .short \code
  .byte \t, \f
  .long \k
  .endm
  .section .rodata, "a"
  .balign 8
# IPv4 and TCP to port 29170, or nothing.
  op 0x28, 0, 0, 12
  op 0x15, 0, 6, 0x800
  op 0x30, 0, 0, 23
  op 0x15, 0, 4, 6
  op 0xb1, 0, 0, 14
  op 0x48, 0, 0, 16
  op 0x15, 0, 1, 29170
  op 0x06, 0, 0, 0x40000
  op 0x06, 0, 0, 0
# No program: a jump leads behind the last return.
  op 0x28, 0, 0, 12
  op 0x15, 0, 9, 0x800
  op 0x06, 0, 0, 1
  .long 0xffffffff
  .data
  .balign 8
# All system calls but one.
  op 0x20, 0, 0, 0
  op 0x15, 0, 1, 59
  op 0x06, 0, 0, 0x50000
  op 0x06, 0, 0, 0x7fff0000
  .section .note.GNU-stack, "", @progbits
