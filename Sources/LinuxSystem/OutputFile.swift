import Glibc

/// Writes whole files and streams.
package enum OutputFile {
    /// Writes a file that only its owner may read, then puts it in the place of the old one (rename(2)).
    ///
    /// Both are on disk when this returns: the file's bytes before its name is changed, then the directory (fsync(2)).
    ///
    /// - Parameter temporary: the name that the new file has until it is whole, in a directory where nobody else writes;
    ///   what an earlier process left there is removed. By default a name that nobody has.
    package static func replace(
        _ path: String, with bytes: [UInt8], through temporary: String? = nil
    ) throws(SystemError) {
        var template = Array((temporary ?? "\(path).XXXXXX").utf8CString)
        if temporary != nil { unlink(template) }
        let descriptor =
            temporary == nil ? mkstemp(&template) : open(template, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw SystemError(errorNumber: errno, call: "open", path: path) }
        let temporary = Descriptor(adopting: descriptor)
        do throws(SystemError) {
            try write(bytes, to: temporary.number, path: path)
            guard fsync(temporary.number) == 0 || errno == EINVAL, rename(template, path) == 0 else {
                throw SystemError(errorNumber: errno, call: "rename", path: path)
            }
        } catch {
            unlink(template)
            throw error
        }
        let above = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let directory = try Descriptor.open(above.isEmpty ? "/" : above, O_RDONLY | O_DIRECTORY)
        guard fsync(directory.number) == 0 || errno == EINVAL else {
            throw SystemError(errorNumber: errno, call: "fsync", path: above)
        }
    }

    /// Writes all bytes to an open file, such as standard output.
    package static func write(_ bytes: [UInt8], to descriptor: Int32, path: String = "") throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { buffer in
                retrying { Glibc.write(descriptor, buffer.baseAddress, buffer.count) }
            }
            if count < 0 { throw SystemError(errorNumber: errno, call: "write", path: path) }
            rest = rest.dropFirst(Int(count))
        }
    }
}
