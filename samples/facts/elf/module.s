# An inert relocatable object, as kernel modules are: see README.md.
  .text
  .globl init_module
  .type init_module, @function
init_module:
  call register_kprobe
  call printk
  call local
  ret
local:
  ret
  .section .note.GNU-stack, "", @progbits
