package import NodeModel

/// One Unix socket, as the kernel tells of it (sock_diag(7); struct unix_diag_msg and its attributes,
/// include/uapi/linux/unix_diag.h).
package struct UnixSocket: Sendable, Equatable {
    /// As in the links of `/proc/<pid>/fd`; all inodes of sockets have 32 bits (fs/inode.c, get_next_ino).
    package var inode: UInt32
    /// Of a socket in the abstract namespace, without the zero byte at its beginning; `nil` of all others.
    package var abstractName: String?
    /// The file that it, or the listening socket that it was accepted by, is bound to: an accepted socket has that of its
    /// listener, whatever network namespace it is in (net/unix/af_unix.c, unix_stream_connect).
    package var file: SocketFile?
    /// The socket at the other end.
    package var peer: UInt32?

    package init(inode: UInt32, abstractName: String? = nil, file: SocketFile? = nil, peer: UInt32? = nil) {
        self.inode = inode
        self.abstractName = abstractName
        self.file = file
        self.peer = peer
    }

    /// States of sockets that can be asked for, a bit each (include/net/tcp_states.h).
    package enum State: UInt32, Sendable {
        case connected = 0x2
        case listening = 0x400
    }
}

/// What names the file that a socket is bound to.
package struct SocketFile: Hashable, Sendable {
    /// Of the file system (s_dev of its super block).
    package var device: DeviceNumber
    /// The lower half: the kernel tells no more of it (struct unix_diag_vfs).
    package var inode: UInt32

    package init(device: DeviceNumber, inode: UInt32) {
        self.device = device
        self.inode = inode
    }

    package init(_ file: FileIdentity) {
        self.init(device: file.device, inode: UInt32(truncatingIfNeeded: file.inode))
    }
}
