/**
 * Numbers and layouts of the Linux system calls used here, for 64-bit little-endian machines (x64, arm64) with glibc:
 * socket(7), ip(7), ipv6(7), recvmmsg(2), sendmmsg(2), poll(2), epoll_ctl(2).
 */

export const AF_UNIX = 1
export const AF_INET = 2
export const AF_INET6 = 10
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000
export const O_CLOEXEC = 0o2000000

export const SOL_SOCKET = 1
export const SO_SNDBUF = 7
export const SO_RCVBUF = 8
export const SO_REUSEPORT = 15
/** As SO_RCVBUF, beyond net.core.rmem_max: for those with CAP_NET_ADMIN. */
export const SO_RCVBUFFORCE = 33
export const IPPROTO_IP = 0
export const IP_MTU_DISCOVER = 10
export const IPPROTO_IPV6 = 41
export const IPV6_MTU_DISCOVER = 23
export const IPV6_V6ONLY = 26
export const IPV6_DONTFRAG = 62
/** Datagrams are never fragmented, and what the network says of path MTUs, which anyone can forge, is not believed. */
export const PMTUDISC_PROBE = 3

export const MSG_TRUNC = 0x20
export const MSG_DONTWAIT = 0x40

export const POLLIN = 0x01
export const POLLOUT = 0x04
export const POLLNVAL = 0x20
/** struct pollfd: int fd, short events, short revents. */
export const POLLFD = { bytes: 8, fd: 0, events: 4, revents: 6 } as const

export const EPOLL_CTL_MOD = 3
export const EPOLLIN = 0x01
/** struct epoll_event: uint32 events, uint64 data; on x64 alone without a gap between them. */
export const EPOLL_EVENT = { bytes: 16, events: 0, dataOnX64: 4, data: 8 } as const

/** struct mmsghdr: a msghdr of 56 octets, then what the kernel says of it. */
export const MMSGHDR = {
  bytes: 64,
  name: 0,
  nameLength: 8,
  iov: 16,
  iovCount: 24,
  flags: 48,
  /** Octets received or sent. */
  length: 56,
} as const

/** struct iovec: where and how long. */
export const IOVEC = { bytes: 16, base: 0, length: 8 } as const

/** struct sockaddr_in and sockaddr_in6: the family in the machine's order, the rest in that of the network. */
export const SOCKADDR = { family: 0, port: 2, address4: 4, address6: 8, bytes4: 16, bytes6: 28 } as const
