/** Names of auditd's record types that detections look for, by their numbers (linux/audit.h, audit-records.h). */
const NAMES: ReadonlyMap<string, string> = new Map(
  `1100 USER_AUTH, 1101 USER_ACCT, 1102 USER_MGMT, 1103 CRED_ACQ, 1104 CRED_DISP, 1105 USER_START, 1106 USER_END, 1107 USER_AVC, 1108 USER_CHAUTHTOK,
  1109 USER_ERR, 1110 CRED_REFR, 1111 USYS_CONFIG, 1112 USER_LOGIN, 1113 USER_LOGOUT, 1114 ADD_USER, 1115 DEL_USER, 1116 ADD_GROUP, 1117 DEL_GROUP,
  1123 USER_CMD, 1124 USER_TTY, 1130 SERVICE_START, 1131 SERVICE_STOP, 1200 DAEMON_START, 1201 DAEMON_END, 1202 DAEMON_ABORT, 1203 DAEMON_CONFIG,
  1300 SYSCALL, 1302 PATH, 1304 SOCKETCALL, 1305 CONFIG_CHANGE, 1306 SOCKADDR, 1307 CWD, 1309 EXECVE, 1319 TTY, 1320 EOE, 1322 CAPSET, 1325 NETFILTER_CFG,
  1326 SECCOMP, 1327 PROCTITLE, 1330 KERN_MODULE, 1334 BPF, 1400 AVC, 1403 MAC_POLICY_LOAD, 1404 MAC_STATUS, 1405 MAC_CONFIG_CHANGE,
  1700 ANOM_PROMISCUOUS, 1701 ANOM_ABEND`
    .split(',')
    .map((entry) => entry.trim().split(' ') as [string, string]),
);

/** As auditd writes a type; one without a name here as it writes those that it does not know. */
export const recordTypeName = (number: string): string => NAMES.get(number) ?? `UNKNOWN[${number}]`;
