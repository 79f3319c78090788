import LinuxSystem

extension FileWatch {
    /// The end of what /proc/PID/fd names, where the file is gone (proc(5)).
    private static let goneMark = Array(" (deleted)".utf8)
    /// How often a file that is being renamed is looked for.
    private static let attempts = 3

    /// Where a file is that the kernel has opened: by the name that its writer knows it by, and by what it is.
    func place(of file: borrowing Descriptor) -> (directory: String, name: [UInt8])? {
        guard let status = try? file.status() else { return nil }
        if status.linkCount == 0 { return placeOfGone(file, on: status.device) }
        var last: [UInt8]?
        for _ in 0..<Self.attempts {
            guard let link = Self.link(of: file), link != last else { return nil }
            last = link
            let name = Self.parts(of: link).name
            guard let text = String(validating: name, as: UTF8.self) else { return nil }
            for path in plainPaths {
                guard let directory = try? root.openDirectory(below: path), let entry = try? directory.status(of: text),
                    entry.device == status.device, entry.inode == status.inode
                else { continue }
                return (path, name)
            }
        }
        return nil
    }

    /// Where a file was that has no name any more, if its writer saw the directory where the node has it.
    private func placeOfGone(_ file: borrowing Descriptor, on device: UInt64) -> (directory: String, name: [UInt8])? {
        guard let link = Self.link(of: file), let base = Self.link(of: root),
            link.suffix(Self.goneMark.count).elementsEqual(Self.goneMark)
        else { return nil }
        let (above, name) = Self.parts(of: link.dropLast(Self.goneMark.count))
        let rootPath = base == [UInt8(ascii: "/")] ? [] : base
        for path in plainPaths where above.elementsEqual(rootPath + path.utf8) {
            guard let status = try? root.openDirectory(below: path).status(), status.device == device else { continue }
            return (path, name)
        }
        return nil
    }

    private static func link(of file: borrowing Descriptor) -> [UInt8]? {
        try? Descriptor.open("/proc/self/fd", LinuxFlags.directory).linkTarget(of: "\(file.number)")
    }

    /// What is before the last slash, and what is after it.
    private static func parts(of link: some RandomAccessCollection<UInt8>) -> (above: [UInt8], name: [UInt8]) {
        let bytes = Array(link)
        let slash = bytes.lastIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex
        return (Array(bytes[..<slash]), Array(bytes[slash...].dropFirst()))
    }
}
