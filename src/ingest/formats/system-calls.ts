/** Names of the system calls that detections look for, by the numbers of x86-64. */
const X86_64: Readonly<Record<string, string>> =
  namesOf(`33 dup2, 41 socket, 42 connect, 43 accept, 44 sendto, 49 bind, 50 listen, 56 clone,
  57 fork, 58 vfork, 59 execve, 62 kill, 76 truncate, 77 ftruncate, 82 rename, 83 mkdir, 84 rmdir, 85 creat, 86 link, 87 unlink, 88 symlink, 90 chmod,
  91 fchmod, 92 chown, 93 fchown, 94 lchown, 99 sysinfo, 101 ptrace, 103 syslog, 105 setuid, 106 setgid, 113 setreuid, 114 setregid, 117 setresuid,
  119 setresgid, 133 mknod, 135 personality, 155 pivot_root, 157 prctl, 159 adjtimex, 161 chroot, 164 settimeofday, 165 mount, 166 umount2, 169 reboot,
  170 sethostname, 171 setdomainname, 175 init_module, 176 delete_module, 188 setxattr, 189 lsetxattr, 190 fsetxattr, 197 removexattr, 198 lremovexattr,
  199 fremovexattr, 2 open, 227 clock_settime, 246 kexec_load, 250 keyctl, 257 openat, 258 mkdirat, 259 mknodat, 260 fchownat, 263 unlinkat, 264 renameat,
  265 linkat, 266 symlinkat, 268 fchmodat, 272 unshare, 288 accept4, 292 dup3, 298 perf_event_open, 304 open_by_handle_at, 308 setns, 310 process_vm_readv,
  311 process_vm_writev, 313 finit_module, 316 renameat2, 319 memfd_create, 320 kexec_file_load, 321 bpf, 322 execveat, 323 userfaultfd, 425 io_uring_setup,
  435 clone3, 437 openat2, 438 pidfd_getfd, 442 mount_setattr`);

/** Likewise of 64-bit ARM. */
const AARCH64: Readonly<Record<string, string>> =
  namesOf(`5 setxattr, 6 lsetxattr, 7 fsetxattr, 14 removexattr, 15 lremovexattr, 16 fremovexattr,
  24 dup3, 33 mknodat, 34 mkdirat, 35 unlinkat, 36 symlinkat, 37 linkat, 38 renameat, 39 umount2, 40 mount, 41 pivot_root, 45 truncate, 46 ftruncate,
  51 chroot, 52 fchmod, 53 fchmodat, 54 fchownat, 55 fchown, 56 openat, 92 personality, 97 unshare, 104 kexec_load, 105 init_module, 106 delete_module,
  112 clock_settime, 116 syslog, 117 ptrace, 129 kill, 142 reboot, 143 setregid, 144 setgid, 145 setreuid, 146 setuid, 147 setresuid, 149 setresgid,
  161 sethostname, 162 setdomainname, 167 prctl, 170 settimeofday, 171 adjtimex, 179 sysinfo, 198 socket, 200 bind, 201 listen, 202 accept, 203 connect,
  206 sendto, 219 keyctl, 220 clone, 221 execve, 241 perf_event_open, 242 accept4, 265 open_by_handle_at, 268 setns, 270 process_vm_readv,
  271 process_vm_writev, 273 finit_module, 276 renameat2, 279 memfd_create, 280 bpf, 281 execveat, 282 userfaultfd, 294 kexec_file_load,
  425 io_uring_setup, 435 clone3, 437 openat2, 438 pidfd_getfd, 442 mount_setattr`);

/** By auditd's field `arch` (AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64). */
const BY_ARCH: Readonly<Record<string, Readonly<Record<string, string>>>> = { c000003e: X86_64, c00000b7: AARCH64 };

/** The name that auditd's enriched format would give; undefined for other machines and for calls that no detection looks for. */
export function systemCallName(arch: string, number: string): string | undefined {
  const names = Object.hasOwn(BY_ARCH, arch) ? BY_ARCH[arch] : undefined;
  return names !== undefined && Object.hasOwn(names, number) ? names[number] : undefined;
}

function namesOf(list: string): Record<string, string> {
  return Object.fromEntries(list.split(',').map((entry) => entry.trim().split(' ') as [string, string]));
}
