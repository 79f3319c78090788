import CLinux

/// One event of fanotify, as read(2) gives it (fanotify(7), include/uapi/linux/fanotify.h).
struct FanotifyRecord: Sendable, Equatable {
    /// Bits of LINUX_FAN_.
    var mask: UInt64
    /// The thread or process, as the group was made; 0 for one outside the reader's PID namespace.
    var tid: Int32
    var file: File

    enum File: Sendable, Equatable {
        /// An entry of a directory; `.` is the directory itself.
        case entry(DirectoryID, name: [UInt8])
        /// The file, opened by the kernel: whoever takes the record closes it.
        case descriptor(Int32)
        /// None, such as of an overflow.
        case none
    }

    var isOverflow: Bool { mask & UInt64(LINUX_FAN_Q_OVERFLOW) != 0 }

    /// Bytes of the fixed part.
    static let headerSize = 24
    private static let version: UInt8 = 3
    /// FAN_EVENT_INFO_TYPE_DFID_NAME and _DFID.
    private static let directoryTypes: Set<UInt8> = [2, 3]

    /// Takes the first record of what was read.
    ///
    /// - Returns: the record, and how many bytes it takes up.
    static func first(in bytes: UnsafeRawBufferPointer) throws(FanotifyRecordError) -> (FanotifyRecord, size: Int) {
        guard bytes.count >= headerSize else { throw .truncated(bytes.count) }
        let size = Int(clamping: bytes.loadUnaligned(as: UInt32.self))
        guard bytes[4] == version else { throw .version(bytes[4]) }
        let fixed = Int(bytes.loadUnaligned(fromByteOffset: 6, as: UInt16.self))
        guard fixed >= headerSize, size >= fixed else { throw .truncated(size) }
        guard size <= bytes.count else { throw .overlong(size) }
        let descriptor = bytes.loadUnaligned(fromByteOffset: 16, as: Int32.self)
        let information = UnsafeRawBufferPointer(rebasing: bytes[fixed..<size])
        let record = FanotifyRecord(
            mask: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            tid: bytes.loadUnaligned(fromByteOffset: 20, as: Int32.self),
            file: descriptor >= 0 ? .descriptor(descriptor) : try entry(information))
        return (record, size)
    }

    /// The directory and name among the parts that follow; parts of other kinds are skipped.
    private static func entry(_ information: UnsafeRawBufferPointer) throws(FanotifyRecordError) -> File {
        var rest = information[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            guard part.count >= 4 else { throw .truncated(part.count) }
            let size = Int(part.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
            guard size >= 4 else { throw .truncated(size) }
            guard size <= part.count else { throw .overlong(size) }
            if directoryTypes.contains(part[0]) {
                return try entry(of: UnsafeRawBufferPointer(rebasing: part[..<size]))
            }
            rest = rest.dropFirst(size)
        }
        return .none
    }

    /// A part is type 1, pad 1, length 2, fsid 8, then the handle: size 4, type 4, bytes; then a name and its zero byte.
    private static func entry(of part: UnsafeRawBufferPointer) throws(FanotifyRecordError) -> File {
        guard part.count >= 20 else { throw .truncated(part.count) }
        let length = Int(clamping: part.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        guard length <= part.count - 20 else { throw .overlong(length) }
        let directory = DirectoryID(
            fileSystem: part.loadUnaligned(fromByteOffset: 4, as: UInt64.self),
            type: part.loadUnaligned(fromByteOffset: 16, as: Int32.self), handle: Array(part[20..<(20 + length)]))
        return .entry(directory, name: Array(part[(20 + length)...].prefix { $0 != 0 }))
    }
}

/// A directory by its file system's id and its handle there (name_to_handle_at(2)): no path, and never given anew.
struct DirectoryID: Sendable, Hashable {
    var fileSystem: UInt64
    var type: Int32
    var handle: [UInt8]
}

/// Bytes that are no event; what follows them in the same buffer is lost with them.
enum FanotifyRecordError: Error, Sendable, Equatable {
    case truncated(Int)
    case overlong(Int)
    case version(UInt8)
}
