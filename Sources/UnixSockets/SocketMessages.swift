import NodeModel

/// What one answer of the kernel holds: several messages, the last of a list marked as its end (netlink(7)).
struct SocketMessages {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// - Parameter bytes: one whole answer, valid as long as this value.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// One message of a list.
    enum Message: Equatable {
        case socket(UnixSocket)
        /// Nothing follows.
        case end
    }

    /// The next message; `nil` at the end of this answer.
    mutating func next() throws(UnixSocketError) -> Message? {
        guard position < bytes.count else { return nil }
        // struct nlmsghdr: length, type, flags, sequence, port.
        guard let length = number(at: position, UInt32.self).map(Int.init), length >= 16,
            length <= bytes.count - position, let type = number(at: position + 4, UInt16.self)
        else { throw .malformed }
        let (start, end) = (position + 16, position + length)
        // Messages and attributes begin at multiples of four (NLMSG_ALIGN).
        position += (length + 3) & ~3
        switch type {
        case 2:
            guard let failure = number(at: start, Int32.self, before: end) else { throw .malformed }
            // An acknowledgement is an error of 0.
            if failure != 0 { throw .refused(errorNumber: 0 &- failure) }
            return try next()
        case 3: return .end
        case 20: return .socket(try socket(from: start, to: end))
        default: return try next()
        }
    }

    /// struct unix_diag_msg: family, type, state, padding, inode, cookie; then attributes.
    private func socket(from start: Int, to end: Int) throws(UnixSocketError) -> UnixSocket {
        guard let inode = number(at: start + 4, UInt32.self, before: end), start + 16 <= end else { throw .malformed }
        var socket = UnixSocket(inode: inode)
        var attribute = start + 16
        while attribute < end {
            // struct nlattr: length with itself, type.
            guard let length = number(at: attribute, UInt16.self, before: end).map(Int.init), length >= 4,
                length <= end - attribute, let type = number(at: attribute + 2, UInt16.self)
            else { throw .malformed }
            try add(type, from: attribute + 4, to: attribute + length, to: &socket)
            attribute += (length + 3) & ~3
        }
        return socket
    }

    private func add(_ type: UInt16, from start: Int, to end: Int, to socket: inout UnixSocket) throws(UnixSocketError)
    {
        switch type {
        case 0 where start < end && bytes[start] == 0:
            socket.abstractName = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
        case 1:
            guard let inode = number(at: start, UInt32.self, before: end),
                let device = number(at: start + 4, UInt32.self, before: end)
            else { throw .malformed }
            // The kernel's own form of a device number (include/linux/kdev_t.h).
            socket.file = SocketFile(
                device: DeviceNumber(major: device >> 20, minor: device & 0xF_FFFF), inode: inode)
        case 2:
            guard let peer = number(at: start, UInt32.self, before: end) else { throw .malformed }
            socket.peer = peer
        default: break
        }
    }

    private func number<Number: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, _: Number.Type, before end: Int? = nil
    ) -> Number? {
        offset + MemoryLayout<Number>.size <= end ?? bytes.count
            ? bytes.loadUnaligned(fromByteOffset: offset, as: Number.self) : nil
    }
}
