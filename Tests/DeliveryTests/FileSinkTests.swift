import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import Delivery

@Suite struct FileSinkTests {
    private func target(_ directory: TemporaryDirectory, bytes: Int = 1 << 20, count: Int = 2) -> RotatingFile {
        RotatingFile("\(directory.path)/out.ndjson", FileRotation(bytes: bytes, count: count))
    }

    private func deliver(_ texts: [String], to file: RotatingFile) throws(DeliveryFailure) {
        var records = texts.map { Record(time: 0, text: $0) }
        var loss = Loss()
        try file.deliver(&records, loss: &loss)
        #expect(records.isEmpty && loss.isEmpty)
    }

    private func files(_ directory: TemporaryDirectory) throws -> [String: String] {
        var found: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            found[name] = try String(contentsOfFile: "\(directory.path)/\(name)", encoding: .utf8)
        }
        return found
    }

    @Test func appends() throws {
        try TemporaryDirectory.with { directory in
            try deliver(["a", "b"], to: target(directory))
            try deliver(["c"], to: target(directory))
            #expect(try files(directory) == ["out.ndjson": "a\nb\nc\n"])
            var status = stat()
            #expect(lstat("\(directory.path)/out.ndjson", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    static let rotations: [(bytes: Int, count: Int, texts: [String], files: [String: String])] = [
        (4, 2, ["a", "b"], ["out.ndjson": "a\nb\n"]),
        (4, 2, ["a", "b", "c"], ["out.ndjson": "c\n", "out.ndjson.1": "a\nb\n"]),
        (3, 2, ["a", "b", "c", "d"], ["out.ndjson": "d\n", "out.ndjson.1": "c\n", "out.ndjson.2": "b\n"]),
        (3, 0, ["a", "b", "c"], ["out.ndjson": "c\n"]),
        (3, 1, ["long", "b"], ["out.ndjson": "b\n", "out.ndjson.1": "long\n"]),
        (0, 1, ["a", "b"], ["out.ndjson": "b\n", "out.ndjson.1": "a\n"]),
    ]

    @Test(arguments: rotations)
    func rotation(bytes: Int, count: Int, texts: [String], files expected: [String: String]) throws {
        try TemporaryDirectory.with { directory in
            try deliver(texts, to: target(directory, bytes: bytes, count: count))
            #expect(try files(directory) == expected)
        }
        try TemporaryDirectory.with { directory in
            let file = target(directory, bytes: bytes, count: count)
            for text in texts { try deliver([text], to: file) }
            #expect(try files(directory) == expected)
        }
    }

    @Test func openedAnewWhenMovedAwayOrRemoved() throws {
        try TemporaryDirectory.with { directory in
            let file = target(directory)
            try deliver(["a"], to: file)
            #expect(rename("\(directory.path)/out.ndjson", "\(directory.path)/moved") == 0)
            try deliver(["b"], to: file)
            #expect(try files(directory) == ["moved": "a\n", "out.ndjson": "b\n"])
            try directory.remove("out.ndjson")
            try deliver(["c"], to: file)
            #expect(try files(directory) == ["moved": "a\n", "out.ndjson": "c\n"])
        }
    }

    /// As logrotate does it with `copytruncate` (logrotate(8)): what it was before says nothing of its size.
    @Test func emptiedBySomebodyElse() throws {
        try TemporaryDirectory.with { directory in
            let file = target(directory, bytes: 4)
            try deliver(["a", "b"], to: file)
            #expect(truncate("\(directory.path)/out.ndjson", 0) == 0)
            try deliver(["c"], to: file)
            #expect(try files(directory) == ["out.ndjson": "c\n"])
        }
    }

    @Test(.enabled(if: SmallDisk.canMount, SmallDisk.reason)) func emptiedOnAFullDisk() throws {
        try SmallDisk.with { directory in
            let path = "\(directory.path)/disk/out.ndjson"
            let file = RotatingFile(path, FileRotation())
            try deliver([String(repeating: "a", count: 10_000)], to: file)
            #expect(truncate(path, 0) == 0)
            SmallDisk.fill("\(directory.path)/disk/other")
            #expect(throws: DeliveryFailure.self) { try deliver(["b"], to: file) }
            #expect(try FileStatus(following: path).size == 0)
        }
    }

    @Test func aTornLineIsEnded() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("out.ndjson", "whole\nhal")
            try deliver(["a"], to: target(directory))
            #expect(try files(directory) == ["out.ndjson": "whole\nhal\na\n"])
        }
    }

    static let wrong: [(name: String, make: @Sendable (TemporaryDirectory) throws -> Void)] = [
        ("a FIFO", { try $0.fifo("out.ndjson") }),
        ("a directory", { try $0.directory("out.ndjson") }),
        ("a socket", { try $0.socket("out.ndjson") }),
        (
            "a link",
            {
                try $0.file("target"); try $0.link("out.ndjson", to: "target")
            }
        ),
        ("a link to nothing", { try $0.link("out.ndjson", to: "nothing") }),
        (
            "a second name",
            {
                try $0.file("target"); try $0.hardLink("out.ndjson", to: "target")
            }
        ),
    ]

    @Test(arguments: wrong)
    func refuses(name: String, make: @Sendable (TemporaryDirectory) throws -> Void) throws {
        try TemporaryDirectory.with { directory in
            try make(directory)
            #expect(throws: DeliveryFailure.self) { try deliver(["a"], to: target(directory)) }
            #expect((try? String(contentsOfFile: "\(directory.path)/target", encoding: .utf8)) ?? "" == "")
            #expect(access("\(directory.path)/nothing", F_OK) != 0)
        }
    }

    @Test(.enabled(if: isRoot, "needs root")) func refusesADevice() throws {
        try TemporaryDirectory.with { directory in
            try directory.nullDevice("out.ndjson")
            #expect(throws: DeliveryFailure.self) { try deliver(["a"], to: target(directory)) }
        }
    }

    @Test func withoutItsDirectoryItWaits() throws {
        try TemporaryDirectory.with { directory in
            let file = RotatingFile("\(directory.path)/later/out", FileRotation())
            #expect(throws: DeliveryFailure.self) { try deliver(["a"], to: file) }
            try directory.directory("later")
            try deliver(["a"], to: file)
            #expect(try String(contentsOfFile: "\(directory.path)/later/out", encoding: .utf8) == "a\n")
        }
    }

    @Test func aWholeSink() throws {
        try TemporaryDirectory.with { directory in
            let destination = Destination()
            let sink = FileSink.start(
                "\(directory.path)/out", FileRotation(bytes: 8, count: 100), destination.settings())
            sink.offer((0..<50).map { "r\($0)" })
            #expect(sink.close() == 0)
            let lines = try (0..<100).reversed().map { $0 == 0 ? "out" : "out.\($0)" }
                .filter { access("\(directory.path)/\($0)", F_OK) == 0 }
                .flatMap {
                    try String(contentsOfFile: "\(directory.path)/\($0)", encoding: .utf8).split(separator: "\n")
                }
            #expect(lines == (0..<50).map { "r\($0)" })
        }
    }
}
