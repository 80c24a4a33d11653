# An inert program that has execve within itself: see README.md.
  .text
  .globl _start
  .type _start, @function
_start:
  ret
  .globl execve
  .type execve, @function
execve:
  ret
  .globl listen
listen:
  ret
  .type accept, @function
accept:
  ret
  .section .note.GNU-stack, "", @progbits
