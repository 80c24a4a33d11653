.globl __start
.text
__start: nop
 nop
.data
.ascii "greeting"
