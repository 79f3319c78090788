import Glibc

/// Writes whole files and streams.
package enum OutputFile {
    /// Writes a file that only its owner may read, then puts it in the place of the old one (rename(2)).
    package static func replace(_ path: String, with bytes: [UInt8]) throws(SystemError) {
        var template = Array("\(path).XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        if descriptor < 0 { throw SystemError(errorNumber: errno, call: "mkstemp", path: path) }
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
