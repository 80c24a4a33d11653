.globl _start
.text
_start: mov $60,%eax
 xor %edi,%edi
 syscall
.data
.ascii "greeting"
.bss
.zero 64
