import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import Delivery

@Suite struct SpoolTests {
    private func records(_ numbers: Range<Int>, size: Int = 10) -> [Record] {
        numbers.map { Record(time: Int64($0), text: "\($0)" + String(repeating: ".", count: size)) }
    }

    private func open(_ directory: TemporaryDirectory, limit: Int = 64 << 20) throws -> Spool {
        try Spool(directory: "\(directory.path)/spool", limit: limit)
    }

    private func names(_ directory: TemporaryDirectory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/spool").sorted()
    }

    /// Everything in the spool, part by part.
    private func drain(_ spool: Spool) throws -> [Record] {
        var all: [Record] = []
        while true {
            let part = try spool.front()
            if part.isEmpty { return all }
            #expect(try spool.front() == part)
            all += part
            try spool.removeFront()
        }
    }

    private static let first = "00000000000000000001.ndjson"

    @Test func inOrderAndGone() throws {
        try TemporaryDirectory.with { directory in
            let spool = try open(directory)
            #expect(spool.isEmpty && spool.bytes == 0)
            #expect(try spool.append(records(0..<3)) == 3)
            #expect(try spool.append(records(3..<5)) == 2)
            #expect(try names(directory) == [Self.first])
            #expect(try drain(spool) == records(0..<5))
            #expect(spool.isEmpty && spool.bytes == 0)
            #expect(try names(directory) == ["position"])
            #expect(try spool.append(records(5..<6)) == 1)
            #expect(try names(directory) == ["00000000000000000002.ndjson", "position"])
            #expect(try drain(spool) == records(5..<6))
        }
    }

    @Test func hostileTextComesBack() throws {
        try TemporaryDirectory.with { directory in
            let spool = try open(directory)
            let texts = ["", "\"\\\u{0}\u{7f}\u{2028}", "{\"time\":1}", "日本 🙂", "a/b"]
            let all = texts.map { Record(time: .max, text: $0) } + [Record(time: .min, text: "x")]
            #expect(try spool.append(all) == all.count)
            #expect(try drain(spool) == all)
        }
    }

    @Test func manySegments() throws {
        try TemporaryDirectory.with { directory in
            let spool = try open(directory)
            let all = records(0..<50, size: 100_000)
            #expect(try spool.append(all) == 50)
            #expect(try names(directory).count == 5)
            for name in try names(directory) {
                let size = try #require(
                    FileManager.default.attributesOfItem(atPath: "\(directory.path)/spool/\(name)")[.size] as? Int)
                #expect(size < Spool.segmentBytes + 100_100)
            }
            #expect(try drain(spool) == all)
            #expect(try names(directory) == ["position"])
        }
    }

    @Test func theBoundHolds() throws {
        try TemporaryDirectory.with { directory in
            let line = SpoolSegment.line(records(0..<1)[0]).count
            let spool = try open(directory, limit: 3 * line)
            #expect(try spool.append(records(0..<5)) == 3)
            #expect(spool.bytes == 3 * line)
            #expect(try spool.append(records(5..<6)) == 0)
            #expect(try drain(spool) == records(0..<3))
            #expect(try spool.append(records(5..<6)) == 1)
        }
    }

    /// Kill -9 is the end of a spool without any farewell.
    @Test func survivesTheEnd() throws {
        try TemporaryDirectory.with { directory in
            var spool: Spool? = try open(directory)
            _ = try spool?.append(records(0..<3))
            #expect(try spool?.front() == records(0..<3))
            spool = nil
            spool = try open(directory)
            #expect(try spool?.append(records(3..<4)) == 1)
            #expect(try spool?.front() == records(0..<3))
            try spool?.removeFront()
            spool = nil
            #expect(try drain(try open(directory)) == records(3..<4))
        }
    }

    @Test func theRestOfASegment() throws {
        try TemporaryDirectory.with { directory in
            var spool: Spool? = try open(directory)
            _ = try spool?.append(records(0..<2))
            #expect(try spool?.front() == records(0..<2))
            _ = try spool?.append(records(2..<3))
            try spool?.removeFront()
            #expect(try spool?.front() == records(2..<3))
            spool = nil
            #expect(try drain(try open(directory)) == records(2..<3))
        }
    }

    static let damages: [(name: String, tail: String, records: Int, loss: [String: Int])] = [
        ("nothing", "", 2, [:]),
        ("torn", #"{"text":"half"#, 2, ["torn": 1]),
        ("whole but for its break", #"{"text":"x","time":1}"#, 2, ["torn": 1]),
        ("no JSON", "garbage\n", 2, ["damaged": 1]),
        ("an empty line", "\n", 2, ["damaged": 1]),
        ("another shape", "{\"time\":1}\n[]\n", 2, ["damaged": 2]),
        ("no text", "\u{0}\u{1}\n{\"text\":\"x\",\"time\":9}\n", 3, ["damaged": 1]),
    ]

    @Test(arguments: damages)
    func damage(name: String, tail: String, records count: Int, loss: [String: Int]) throws {
        try TemporaryDirectory.with { directory in
            let lines = records(0..<2).flatMap { SpoolSegment.line($0) }
            try directory.file("spool/\(Self.first)", lines + Array(tail.utf8))
            let spool = try open(directory)
            #expect(try drain(spool).count == count)
            #expect(spool.unstated.counts == loss)
            #expect(spool.isEmpty)
        }
    }

    /// What somebody did to a segment under way, whether it is written to any more or not, costs what was in it.
    static let intrusions: [(name: String, make: @Sendable (TemporaryDirectory, String) throws -> Void)] = [
        ("emptied", { truncate("\($0.path)/\($1)", 0) }), ("removed", { try $0.remove($1) }),
        (
            "replaced",
            {
                try $0.remove($1)
                try $0.fifo($1)
            }
        ),
    ]

    @Test(arguments: intrusions.indices, [0, 1])
    func intruders(index: Int, delivered: Int) throws {
        try TemporaryDirectory.with { directory in
            let spool = try open(directory)
            #expect(try spool.append(records(0..<3)) == 3)
            if delivered > 0 {
                #expect(try spool.front() == records(0..<3))
                #expect(try spool.append(records(3..<4)) == 1)
                try spool.removeFront()
            }
            try Self.intrusions[index].make(directory, "spool/\(Self.first)")
            #expect(try drain(spool) == [] && spool.isEmpty && spool.bytes == 0)
            #expect(spool.unstated.counts == ["damaged": 1])
            #expect(try spool.append(records(7..<9)) == 2)
            #expect(try drain(spool) == records(7..<9))
        }
    }

    /// No more than a service takes at once is in hand, so that no more than that is told again after an end.
    @Test(arguments: [(10_001, 1, [10_000, 1]), (3, 400_000, [2, 1]), (2, 1_200_000, [1, 1])])
    func parts(count: Int, size: Int, parts: [Int]) throws {
        try TemporaryDirectory.with { directory in
            let lines = records(0..<count, size: size).map { SpoolSegment.line($0) }
            try directory.file("spool/\(Self.first)", Array(lines.joined()))
            let spool = try open(directory)
            var found: [Int] = []
            while case let part = try spool.front(), !part.isEmpty {
                found.append(part.count)
                try spool.removeFront()
            }
            #expect(found == parts && spool.isEmpty && spool.unstated.isEmpty)
        }
    }

    @Test func noNumbersThatOverflow() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("spool/18446744073709551614.ndjson", SpoolSegment.line(records(0..<1)[0]))
            let spool = try open(directory)
            #expect(spool.isEmpty)
            #expect(try spool.append(records(1..<2)) == 1)
            #expect(try drain(spool) == records(1..<2))
        }
    }

    @Test func onlyTornLines() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("spool/\(Self.first)", "half")
            try directory.file("spool/00000000000000000007.ndjson", SpoolSegment.line(records(0..<1)[0]))
            let spool = try open(directory)
            #expect(try drain(spool) == records(0..<1))
            #expect(spool.unstated.counts == ["torn": 1])
        }
    }

    @Test func aHugeLineOfSomebodyElse() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("spool/\(Self.first)")
            try directory.sparseFile("spool/\(Self.first)", size: 5 << 20)
            let spool = try open(directory)
            #expect(try drain(spool) == [])
            #expect(spool.unstated.total > 0 && spool.isEmpty)
        }
    }

    static let positions: [(name: String, text: String, first: Int)] = [
        ("none", "", 0), ("no JSON", "{", 0), ("another shape", "[]", 0),
        ("before the start", #"{"segment":1,"offset":-1,"unstated":{"counts":{}}}"#, 0),
        ("no segment can follow", #"{"segment":18446744073709551615,"offset":1,"unstated":{"counts":{}}}"#, 0),
        ("no number to count on from", #"{"segment":18446744073709551614,"offset":0,"unstated":{"counts":{}}}"#, 0),
        ("impossible counts", #"{"segment":2,"offset":0,"unstated":{"counts":{"torn":-1}}}"#, 0),
        ("unknown counts", #"{"segment":2,"offset":0,"unstated":{"counts":{"stolen":1}}}"#, 0),
        ("the second segment", #"{"segment":2,"offset":0,"unstated":{"counts":{}}}"#, 1),
        ("behind everything", #"{"segment":9,"offset":0,"unstated":{"counts":{}}}"#, 2),
        ("behind the end of the segment", #"{"segment":1,"offset":99999,"unstated":{"counts":{}}}"#, 1),
    ]

    @Test(arguments: positions)
    func position(name: String, text: String, first: Int) throws {
        try TemporaryDirectory.with { directory in
            for number in 0..<2 {
                try directory.file(
                    "spool/0000000000000000000\(number + 1).ndjson", SpoolSegment.line(records(number..<number + 1)[0]))
            }
            try directory.file("spool/position", text)
            let spool = try open(directory)
            #expect(spool.unstated.counts == (first == 0 ? ["damaged": 1] : [:]))
            #expect(try drain(spool) == records(first..<2))
            #expect(try spool.append(records(7..<8)) == 1)
            #expect(try drain(spool) == records(7..<8))
        }
    }

    /// The position of a segment that is gone says nothing of the next one.
    @Test func theSegmentOfThePositionIsGone() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("spool")
            try directory.file("spool/position", #"{"segment":1,"offset":20,"unstated":{"counts":{}}}"#)
            var spool: Spool? = try open(directory)
            #expect(try spool?.append(records(0..<3)) == 3)
            spool = nil
            #expect(try drain(try open(directory)) == records(0..<3))
        }
    }

    @Test func whatIsUnstatedIsRemembered() throws {
        try TemporaryDirectory.with { directory in
            var spool: Spool? = try open(directory)
            spool?.unstated.add(.queueFull, 7)
            try spool?.savePosition()
            spool = nil
            #expect(try open(directory).unstated.counts == ["queue-full": 7])
        }
    }

    @Test func onlyForItsOwner() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("spool")
            #expect(chmod("\(directory.path)/spool", 0o777) == 0)
            let spool = try open(directory)
            _ = try spool.append(records(0..<1))
            try spool.savePosition()
            for (name, mode) in [("", 0o700), (Self.first, 0o600), ("position", 0o600)] {
                var status = stat()
                #expect(lstat("\(directory.path)/spool/\(name)", &status) == 0)
                #expect(status.st_mode & 0o777 == UInt32(mode))
            }
        }
    }

    @Test func onlyOneProgram() throws {
        try TemporaryDirectory.with { directory in
            let spool = try open(directory)
            #expect(throws: SpoolError.inUse(path: "\(directory.path)/spool")) { try open(directory) }
            _ = spool.bytes
        }
    }

    @Test func noLinks() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("elsewhere")
            try directory.link("spool", to: "elsewhere")
            #expect(throws: SpoolError.self) { try open(directory) }
            try directory.remove("spool")
            try directory.file("elsewhere/\(Self.first)", SpoolSegment.line(records(0..<1)[0]))
            try directory.link("spool/\(Self.first)", to: "../elsewhere/\(Self.first)")
            try directory.link("spool/position", to: "../elsewhere/position")
            try directory.fifo("spool/00000000000000000002.ndjson")
            try directory.file("spool/2.ndjson", "not one of its names\n")
            let spool = try open(directory)
            #expect(spool.isEmpty)
            // Its own next segment would have the name of the link.
            #expect(throws: SpoolError.self) { try spool.append(records(0..<1)) }
        }
    }

    @Test(.enabled(if: isRoot, "needs root")) func notSomebodyElses() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("spool")
            try directory.setOwner("spool", 12345)
            #expect(throws: SpoolError.self) { _ = try open(directory) }
        }
    }

    @Test func noDirectoryAbove() throws {
        _ = try TemporaryDirectory.with { directory in
            #expect(throws: SpoolError.self) { _ = try Spool(directory: "\(directory.path)/a/b", limit: 1) }
        }
    }

    @Test(.enabled(if: SmallDisk.canMount, SmallDisk.reason)) func aFullDisk() throws {
        try SmallDisk.with { directory in
            let spool = try Spool(directory: "\(directory.path)/disk/spool", limit: 1 << 20)
            let first = records(0..<3, size: 10_000)
            #expect(try spool.append(first) == 3)
            let full = SystemError(errorNumber: ENOSPC, call: "write", path: Self.first)
            #expect(throws: SpoolError.system(full)) { try spool.append(records(3..<9, size: 10_000)) }
            #expect(try drain(spool) == first)
            #expect(spool.unstated.isEmpty)
            #expect(try spool.append(records(3..<6, size: 10_000)) == 3)
            #expect(try drain(spool) == records(3..<6, size: 10_000))
        }
    }

    /// Not even the position has room: what is delivered goes all the same, and makes it.
    @Test(.enabled(if: SmallDisk.canMount, SmallDisk.reason)) func aDiskWithoutAnyRoom() throws {
        try SmallDisk.with { directory in
            let path = "\(directory.path)/disk/spool"
            var spool: Spool? = try Spool(directory: path, limit: 1 << 20)
            #expect(try spool?.append(records(0..<2, size: 10_000)) == 2)
            #expect(try spool?.front() == records(0..<2, size: 10_000))
            SmallDisk.fill("\(directory.path)/disk/other")
            try spool?.removeFront()
            #expect(spool?.isEmpty == true && spool?.bytes == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["position"])
            #expect(try spool?.append(records(2..<4)) == 2)
            spool = nil
            #expect(try drain(try Spool(directory: path, limit: 1 << 20)) == records(2..<4))
        }
    }

    /// What has no room at all leaves nothing behind, however often it is tried.
    @Test(.enabled(if: SmallDisk.canMount, SmallDisk.reason)) func aDiskThatStaysFull() throws {
        try SmallDisk.with { directory in
            let path = "\(directory.path)/disk/spool"
            let spool = try Spool(directory: path, limit: 1 << 20)
            SmallDisk.fill("\(directory.path)/disk/other")
            for _ in 0..<3 {
                #expect(throws: SpoolError.self) { try spool.append(records(0..<2)) }
                #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [] && spool.isEmpty)
            }
            try directory.remove("disk/other")
            #expect(try spool.append(records(0..<2)) == 2)
            #expect(try drain(spool) == records(0..<2))
        }
    }

    /// Room for one segment and not for a second: what is on disk is not in memory as well.
    @Test(.enabled(if: SmallDisk.canMount, SmallDisk.reason)) func aDiskThatIsFullInBetween() throws {
        try SmallDisk.with(size: "1200k") { directory in
            let stock = try SpoolStock(directory: "\(directory.path)/disk/spool", limit: 4 << 20)
            stock.add(records(0..<130, size: 10_000))
            #expect(stock.inMemory == 31 && stock.bytesOnDisk >= Spool.segmentBytes)
            #expect(stock.problem?.hasSuffix("No space left on device") == true)
            var all: [Record] = []
            for _ in 0..<10 where !stock.isEmpty {
                all += stock.front()
                stock.removeFront()
            }
            #expect(all == records(0..<130, size: 10_000) && stock.isEmpty && stock.problem == nil)
        }
    }

    /// A segment whose name may not be on the disk is none, and its number can be taken again.
    @Test func aDirectoryThatCannotBeSynced() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("spool")
            // Nothing can be synced by such a descriptor (open(2), O_PATH).
            let place = try Descriptor.open("\(directory.path)/spool", LinuxFlags.path | O_DIRECTORY)
            let failure = SystemError(errorNumber: EBADF, call: "fsync", path: "")
            for _ in 0..<2 { #expect(throws: failure) { _ = try SpoolWriter(1, in: place) } }
            #expect(try names(directory) == [])
        }
    }
}
