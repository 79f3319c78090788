import FoundationEssentials
import LinuxSystem

/// One file of a spool.
struct SpoolSegment {
    let number: UInt64
    var size: Int

    var name: String {
        let digits = String(number)
        return String(repeating: "0", count: max(20 - digits.utf8.count, 0)) + digits + Self.suffix
    }

    private static let suffix = ".ndjson"
    /// The most bytes that are read at once: a whole segment with one long record at its end.
    static let readBytes = Spool.segmentBytes + (1 << 20)
    /// What a part has at most, but for a single record that is longer: no more than one request of CloudWatch Logs takes,
    /// so that what is out is not sent again by the next process (PutLogEvents: 1,048,576 bytes, 10,000 events).
    static let partBytes = 1 << 20
    static let partRecords = 10_000

    /// No number that is counted up from here ever overflows.
    static let lastNumber = UInt64(Int64.max)

    /// The segments of a directory in ascending order; other entries are none of the spool's.
    static func list(_ directory: borrowing Descriptor) throws(SystemError) -> [SpoolSegment] {
        var found: [SpoolSegment] = []
        for bytes in try directory.entryNames(limit: 1_000_000).names {
            let name = String(decoding: bytes, as: UTF8.self)
            guard name.hasSuffix(suffix), let number = UInt64(name.dropLast(suffix.count)), number <= Self.lastNumber
            else {
                continue
            }
            var segment = SpoolSegment(number: number, size: 0)
            let status = try directory.status(of: name)
            guard segment.name == name, status.kind == .regular else { continue }
            segment.size = Int(clamping: status.size)
            found.append(segment)
        }
        return found
    }

    /// What one reading of a segment gives.
    struct Part {
        var records: [Record] = []
        /// The offset behind it.
        var end: Int64
        /// Lines that are no records.
        var loss = Loss()
    }

    /// The records from an offset on, as many as are read at once.
    ///
    /// A line without its break at the end is being written, or was torn when its writer died.
    func part(
        from offset: Int64, in directory: borrowing Descriptor, isBeingWritten: Bool
    ) throws(SystemError) -> Part {
        let file = try directory.readingEntry(name)
        let bytes = try file.bytes(at: offset, count: Self.readBytes)
        let isAtEnd = bytes.count < Self.readBytes
        let whole = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        var part = Part(end: offset)
        var taken = 0
        for line in bytes[..<whole].split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            let isFull = taken + line.count >= Self.partBytes || part.records.count == Self.partRecords
            if taken > 0, isFull { break }
            taken += line.count + 1
            if let record = Self.record(line) { part.records.append(record) } else { part.loss.add(.damaged, 1) }
        }
        if taken == whole, whole < bytes.count, isAtEnd ? !isBeingWritten : whole == 0 {
            part.loss.add(isAtEnd ? Loss.Reason.torn : .damaged, 1)
            taken = bytes.count
        }
        part.end += Int64(taken)
        return part
    }

    static func line(_ record: Record) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A number and a text can always be encoded.
        guard let data = try? encoder.encode(record) else { return [] }
        return Array(data) + [0x0A]
    }

    private static func record(_ line: ArraySlice<UInt8>) -> Record? {
        try? JSONDecoder().decode(Record.self, from: Data(line))
    }
}

/// The segment that records are added to.
final class SpoolWriter {
    let number: UInt64
    private(set) var size = 0
    private let file: Descriptor

    /// Makes a new segment; its name is on the disk before anything is in it.
    init(_ number: UInt64, in directory: borrowing Descriptor) throws(SystemError) {
        let name = SpoolSegment(number: number, size: 0).name
        let file = try directory.appendingEntry(name, isNew: true)
        do throws(SystemError) {
            try directory.sync()
        } catch {
            // Its number is tried again.
            try? directory.removeEntry(name)
            throw error
        }
        self.number = number
        self.file = file
    }

    /// Adds lines; where that fails, for want of room say, none of them stays.
    func append(_ lines: [UInt8]) throws(SystemError) {
        do throws(SystemError) {
            try OutputFile.write(lines, to: file.number, path: SpoolSegment(number: number, size: 0).name)
            try file.sync()
        } catch {
            try file.truncate(to: Int64(size))
            throw error
        }
        size += lines.count
    }
}

/// How far a spool is delivered.
struct SpoolPosition: Codable {
    var segment: UInt64 = 1
    var offset: Int64 = 0
    var unstated = Loss()

    init() {}

    /// The position that was saved; `nil` where there is none or it cannot be read: then everything is delivered again.
    init?(in directory: borrowing Descriptor, _ name: String) {
        guard let bytes = try? BoundedFile.read(name, in: directory, limit: 65_536),
            let saved = try? JSONDecoder().decode(Self.self, from: Data(bytes)),
            saved.segment <= SpoolSegment.lastNumber,
            saved.offset >= 0, saved.unstated.isUsable
        else { return nil }
        self = saved
    }

    func save(in directory: borrowing Descriptor, _ name: String) throws(SystemError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Numbers and names can always be encoded.
        guard let data = try? encoder.encode(self) else { return }
        try directory.replaceEntry(name, with: Array(data))
    }
}
