import CLinux
import Glibc

extension Descriptor {
    /// Calls `body` with the raw name of each entry of this directory but `.` and `..`, until it returns false.
    ///
    /// `buffer` is reused from call to call; a name in it is not followed by anything but its zero byte. The order is
    /// the file system's. The listing is bounded by the caller, who stops it.
    package func forEachEntry(
        _ buffer: UnsafeMutableRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Bool
    ) throws(SystemError) {
        guard let base = buffer.baseAddress else { return }
        while true {
            let count = retrying { linux_getdents64(number, base, buffer.count) }
            if count < 0 { throw SystemError(errorNumber: errno, call: "getdents64", path: "") }
            if count == 0 { return }
            var offset = 0
            // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, then the name and its zero byte (getdents(2)).
            while offset + 19 < count {
                let length = Int(
                    UnsafeRawBufferPointer(buffer).loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
                if length <= 19 || offset + length > count { break }
                let field = UnsafeRawBufferPointer(rebasing: buffer[(offset + 19)..<(offset + length)])
                let name = UnsafeRawBufferPointer(rebasing: field.prefix { $0 != 0 })
                let isSelfOrParent =
                    name.first == UInt8(ascii: ".")
                    && (name.count == 1 || (name.count == 2 && name[1] == UInt8(ascii: ".")))
                if !isSelfOrParent, !body(name) { return }
                offset += length
            }
        }
    }

    /// The names of this directory's entries in ascending order of bytes, at most `limit` of them.
    ///
    /// - Returns: the names, and whether there were more.
    package func entryNames(limit: Int) throws(SystemError) -> (names: [[UInt8]], isCut: Bool) {
        var names: [[UInt8]] = []
        var isCut = false
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32_768, alignment: 8)
        defer { buffer.deallocate() }
        try forEachEntry(buffer) { name in
            if names.count == limit {
                isCut = true
                return false
            }
            names.append(Array(name))
            return true
        }
        return (names.sorted { $0.lexicographicallyPrecedes($1) }, isCut)
    }
}
