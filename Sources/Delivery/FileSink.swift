import LinuxSystem

/// How a file of records is rotated.
package struct FileRotation: Sendable, Equatable {
    /// A file that would grow beyond this many bytes is put aside as `NAME.1`.
    package var bytes: Int
    /// How many files are kept beside the current one, the last of them `NAME.<count>`; 0 keeps none.
    package var count: Int

    package init(bytes: Int = 10 << 20, count: Int = 5) {
        self.bytes = bytes
        self.count = count
    }
}

/// Records as lines of a file: for the CloudWatch agent, or for any other program that follows files.
package enum FileSink {
    /// Starts the sink; the directory of the file has to be there.
    ///
    /// What is written survives the end of the program, not a loss of power: nothing waits for the disk.
    package static func start(
        _ path: String, _ rotation: FileRotation, reserve: String? = nil, _ settings: SinkSettings
    ) -> QueuedSink {
        QueuedSink("file", settings, reserve: reserve) { () throws(DeliveryFailure) in RotatingFile(path, rotation) }
    }
}

/// A file that only its owner may read, never a link, FIFO or device, opened anew when it was moved away.
final class RotatingFile: RecordTarget {
    private let folder: String
    private let name: String
    private let rotation: FileRotation
    private var current: Opened?

    private final class Opened {
        let file: Descriptor
        let status: FileStatus
        var size: Int64

        init(_ file: consuming Descriptor, _ status: FileStatus) {
            self.file = file
            self.status = status
            size = status.size
        }
    }

    init(_ path: String, _ rotation: FileRotation) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        self.rotation = rotation
    }

    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        do throws(SystemError) {
            let directory = try Descriptor.open(folder, LinuxFlags.directory)
            while !records.isEmpty {
                let opened = try openedFile(directory)
                let fitting = fitting(records, behind: opened.size)
                // An empty file takes any record.
                let count = fitting == 0 && opened.size == 0 ? 1 : fitting
                try write(records[..<count].flatMap(\.line), to: opened)
                records.removeFirst(count)
                if !records.isEmpty { try rotate(directory) }
            }
        } catch {
            throw DeliveryFailure("\(folder)/\(name) cannot be written: \(error)", .retry)
        }
    }

    /// How many of the first records the file has room for.
    private func fitting(_ records: [Record], behind size: Int64) -> Int {
        var total = Int(clamping: size)
        for (index, record) in records.enumerated() {
            total += record.text.utf8.count + 1
            if total > rotation.bytes { return index }
        }
        return records.count
    }

    /// The file that has the name now, with its size.
    private func openedFile(_ directory: borrowing Descriptor) throws(SystemError) -> Opened {
        if let current, try isStillThere(current, directory) { return current }
        let file = try directory.appendingEntry(name)
        let opened = Opened(file, try directory.status(of: name))
        try endTornLine(of: opened)
        current = opened
        return opened
    }

    private func isStillThere(_ opened: Opened, _ directory: borrowing Descriptor) throws(SystemError) -> Bool {
        guard try directory.kind(of: name) != nil else { return false }
        let status = try directory.status(of: name)
        guard status.device == opened.status.device, status.inode == opened.status.inode else { return false }
        // Whoever rotates it may copy and empty it.
        opened.size = status.size
        return true
    }

    /// A line that was cut off when its writer died must not run into the next one.
    private func endTornLine(of opened: Opened) throws(SystemError) {
        guard opened.size > 0, try opened.file.bytes(at: opened.size - 1, count: 1) != [0x0A] else { return }
        try write([0x0A], to: opened)
    }

    /// Writes everything or nothing.
    private func write(_ bytes: [UInt8], to opened: Opened) throws(SystemError) {
        do throws(SystemError) {
            try OutputFile.write(bytes, to: opened.file.number, path: name)
        } catch {
            try opened.file.truncate(to: opened.size)
            throw error
        }
        opened.size += Int64(bytes.count)
    }

    private func rotate(_ directory: borrowing Descriptor) throws(SystemError) {
        current = nil
        guard rotation.count > 0 else { return try directory.removeEntry(name) }
        for number in stride(from: rotation.count - 1, through: 0, by: -1) {
            let old = number == 0 ? name : "\(name).\(number)"
            if try directory.kind(of: old) != nil { try directory.renameEntry(old, to: "\(name).\(number + 1)") }
        }
    }
}
