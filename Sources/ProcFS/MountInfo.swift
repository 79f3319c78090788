import LinuxSystem
package import NodeModel

/// `/proc/<pid>/mountinfo` (proc_pid_mountinfo(5)).
package enum MountInfo {
    /// Parses the whole file and throws on the first line that is no mount.
    ///
    /// There may be none, one or several optional fields before the lone hyphen, and a hyphen may also be a source or
    /// part of a path; blank, tab, line break and backslash are `\040` and the like (fs/proc_namespace.c, mangle).
    package static func parse(_ bytes: [UInt8]) throws(ProcFSError) -> [Mount] {
        var lists = OptionLists()
        return try parse(bytes, &lists)
    }

    /// Parses one of many files, whose lists of options are shared.
    ///
    /// - Parameter pause: called now and then, as a namespace may have 100,000 mounts (fs.mount-max).
    package static func parse(
        _ bytes: [UInt8], _ lists: inout OptionLists, pause: () -> Void = {}
    ) throws(ProcFSError) -> [Mount] {
        var mounts: [Mount] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            if index % 256 == 255 { pause() }
            guard let mount = parseLine(line, &lists) else { throw .malformed(file: "mountinfo", line: index + 1) }
            mounts.append(mount)
        }
        return mounts
    }

    private static func parseLine(_ line: ArraySlice<UInt8>, _ lists: inout OptionLists) -> Mount? {
        let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard fields.count >= 9, let id = number(fields[0]), let parent = number(fields[1]),
            let device = device(fields[2]),
            let hyphen = fields[6...].firstIndex(where: { $0.elementsEqual([UInt8(ascii: "-")]) }),
            fields.count >= hyphen + 3
        else { return nil }
        // A kernel may leave out the last field, or a source may be empty: then there are two fields, or a blank one.
        let superOptions = fields.count > hyphen + 3 ? fields[hyphen + 3] : []
        return Mount(
            id: id, parentID: parent, device: device, root: path(fields[3]), mountPoint: path(fields[4]),
            options: lists[fields[5]], propagation: fields[6..<hyphen].map { String(escaping: $0) },
            fileSystemType: text(fields[hyphen + 1]), source: text(fields[hyphen + 2]),
            superOptions: lists[superOptions])
    }

    private static func number(_ field: ArraySlice<UInt8>) -> UInt32? {
        field.withUnsafeBytes { bytes in
            var cursor = ByteCursor(bytes)
            return cursor.decimal(UInt32.self).flatMap { cursor.isAtEnd ? $0 : nil }
        }
    }

    private static func device(_ field: ArraySlice<UInt8>) -> DeviceNumber? {
        let parts = field.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, let major = number(parts[0]), let minor = number(parts[1]) else { return nil }
        return DeviceNumber(major: major, minor: minor)
    }

    /// What was deleted, or replaced by another file, is told by where it was (fs/d_path.c, dentry_path).
    private static func path(_ field: ArraySlice<UInt8>) -> String {
        let text = text(field)
        return text.hasSuffix(deleted) ? String(text.dropLast(deleted.count)) : text
    }

    /// No path has two slashes in a row.
    private static let deleted = "//deleted"

    private static func text(_ field: ArraySlice<UInt8>) -> String { String(escaping: unescaped(field)) }

    /// Undoes `\NNN` with three octal digits; anything else after a backslash is kept as it stands.
    static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
        guard field.contains(UInt8(ascii: "\\")) else { return Array(field) }
        var result: [UInt8] = []
        var rest = field
        while let byte = rest.first {
            let digits = rest.dropFirst().prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, let value = octal(digits) {
                result.append(value)
                rest = rest.dropFirst(4)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func octal(_ digits: ArraySlice<UInt8>) -> UInt8? {
        var value = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "7") else { return nil }
            value = value * 8 + Int(digit - UInt8(ascii: "0"))
        }
        return UInt8(exactly: value)
    }
}

/// The lists of options of mounts: a node has thousands of mounts and some dozens of lists.
package struct OptionLists {
    private var known: [[UInt8]: [String]] = [:]

    package init() {}

    /// Options, separated by commas; of those with paths only an overlay's upper layer is of use, which tells whose a file
    /// below it is, so other long ones are dropped.
    subscript(_ field: ArraySlice<UInt8>) -> [String] {
        mutating get {
            // A longer field has paths, and is its mount's own.
            guard field.count <= 128 else { return Self.parse(field) }
            let key = Array(field)
            if let list = known[key] { return list }
            let list = Self.parse(field)
            known[key] = list
            return list
        }
    }

    private static func parse(_ field: ArraySlice<UInt8>) -> [String] {
        field.split(separator: UInt8(ascii: ",")).filter { $0.count <= 64 || $0.starts(with: "upperdir=".utf8) }
            .map { String(escaping: $0) }
    }
}
