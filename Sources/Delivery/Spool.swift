import FoundationEssentials
import Glibc
package import LinuxSystem

/// Why a spool cannot be used.
package enum SpoolError: Error, Sendable, Equatable {
    case system(SystemError)
    /// Another program uses it.
    case inUse(path: String)
    case full(limit: Int)
}

extension SpoolError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(let error): "the spool cannot be used: \(error)"
        case .inUse(let path): "the spool \(path) is in use by another process"
        case .full(let limit): "the spool has reached its bound of \(limit) bytes"
        }
    }
}

/// Records on disk until they are delivered, in order and bounded in bytes; used by one thread.
///
/// Each record is on the disk (fsync(2)) when `append` returns, and survives kill -9 and a loss of power. Delivery is at
/// least once: records whose removal was not noted before the end are delivered again after it. The directory is the
/// program's own, for its user only: segments `00000000000000000001.ndjson` and on, one record a line, and `position`.
package final class Spool {
    /// Bytes after which a segment is closed: with its last record it is one part as a rule.
    static let segmentBytes = SpoolSegment.partBytes - (64 << 10)
    private static let positionName = "position"

    package let limit: Int
    /// Bytes of all segments, delivered parts of them included.
    package private(set) var bytes = 0
    /// What was lost and is not stated yet; saved with the position.
    package var unstated: Loss

    private let directory: Descriptor
    /// In ascending order.
    private var segments: [SpoolSegment] = []
    private var writer: SpoolWriter?
    private var position: SpoolPosition
    private var pending: SpoolSegment.Part?

    /// Opens a spool, and makes its directory where it is missing; that above it is the administrator's.
    package init(directory path: String, limit: Int) throws(SpoolError) {
        self.limit = limit
        do throws(SystemError) { directory = try Descriptor.openOwnDirectory(path) } catch { throw .system(error) }
        guard directory.lock() else { throw .inUse(path: path) }
        let saved = SpoolPosition(in: directory, Self.positionName)
        position = saved ?? SpoolPosition()
        unstated = position.unstated
        // One that is there says nothing any more of what was lost.
        if saved == nil, (try? directory.status(of: Self.positionName)) != nil { unstated.add(.damaged, 1) }
        do throws(SystemError) {
            for segment in try SpoolSegment.list(directory) {
                if segment.number < position.segment {
                    try directory.removeEntry(segment.name)
                } else {
                    segments.append(segment)
                    bytes += segment.size
                }
            }
        } catch {
            throw .system(error)
        }
        if let first = segments.first {
            if first.number > position.segment { moveOn(to: first.number) }
        } else if position.offset > 0 {
            // It was removed, and another one with its number would be taken for delivered so far.
            moveOn(to: position.segment + 1)
        }
    }

    package var isEmpty: Bool { segments.isEmpty }

    /// Adds records as far as the bound allows, and the disk.
    ///
    /// - Returns: how many, from the first on.
    /// - Throws: where not even the first is on disk.
    package func append(_ records: [Record]) throws(SpoolError) -> Int {
        var stored = 0
        while stored < records.count {
            var lines: [UInt8] = []
            var count = 0
            for record in records[stored...] {
                let line = SpoolSegment.line(record)
                guard bytes + lines.count + line.count <= limit else { break }
                lines += line
                count += 1
                if (writer?.size ?? 0) + lines.count >= Self.segmentBytes { break }
            }
            if count == 0 { break }
            do throws(SpoolError) {
                try write(lines)
            } catch {
                guard stored > 0 else { throw error }
                break
            }
            stored += count
        }
        return stored
    }

    private func write(_ lines: [UInt8]) throws(SpoolError) {
        do throws(SystemError) {
            if writer == nil {
                let number = max((segments.last?.number ?? 0) + 1, position.segment)
                writer = try SpoolWriter(number, in: directory)
                segments.append(SpoolSegment(number: number, size: 0))
                if segments.count == 1 { moveOn(to: number) }
            }
            try writer?.append(lines)
            segments[segments.count - 1].size += lines.count
            bytes += lines.count
            if let writer, writer.size >= Self.segmentBytes { self.writer = nil }
        } catch {
            // Whatever of the lines is in it will be found to be torn; where nothing else is, it goes.
            writer = nil
            if let last = segments.last, last.size == 0, (try? directory.removeEntry(last.name)) != nil {
                segments.removeLast()
            }
            throw .system(error)
        }
    }

    /// The next records that are not delivered, the same ones until `removeFront`; none where there are none.
    package func front() throws(SpoolError) -> [Record] {
        while pending == nil, let segment = segments.first {
            var part: SpoolSegment.Part
            do throws(SystemError) {
                part = try segment.part(from: position.offset, in: directory, isBeingWritten: isWritten(segment))
            } catch {
                // Somebody removed or replaced it.
                guard [ENOENT, ELOOP, EINVAL].contains(error.errorNumber) else { throw .system(error) }
                part = SpoolSegment.Part(end: position.offset)
            }
            if part.records.isEmpty, part.end == position.offset, part.end < segment.size {
                part.loss.add(.damaged, 1)
                part.end = Int64(segment.size)
            }
            pending = part
            unstated.add(part.loss)
            if part.records.isEmpty { try removeFront() }
        }
        return pending?.records ?? []
    }

    /// Removes what `front` gave: it is delivered.
    package func removeFront() throws(SpoolError) {
        guard let part = pending, let segment = segments.first else { return }
        pending = nil
        // More may have been added since it was read.
        guard part.end >= segment.size else {
            position.offset = part.end
            return try savePosition()
        }
        segments.removeFirst()
        bytes -= segment.size
        if isWritten(segment) { writer = nil }
        moveOn(to: segments.first?.number ?? segment.number + 1)
        // A full disk may have no room for the position before the segment is gone.
        let isNoted = (try? savePosition()) != nil
        do throws(SystemError) { try directory.removeEntry(segment.name) } catch { throw .system(error) }
        if !isNoted { try savePosition() }
    }

    /// Notes on disk what is delivered and what is lost.
    package func savePosition() throws(SpoolError) {
        position.unstated = unstated
        do throws(SystemError) { try position.save(in: directory, Self.positionName) } catch { throw .system(error) }
    }

    private func moveOn(to segment: UInt64) {
        position.segment = segment
        position.offset = 0
    }

    private func isWritten(_ segment: SpoolSegment) -> Bool { writer?.number == segment.number }
}
