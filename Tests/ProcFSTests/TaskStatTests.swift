import Foundation
import Testing

@testable import ProcFS

@Suite struct TaskStatTests {
    static let tail = " S 7602 8419 8419 0 -1 4194560 812 0 0 0 3 1 0 0 20 0 4 0 15520914 4726784 712 1 0 0\n"

    @Test func everyField() throws {
        let stat = try parsing("8419 (sh)" + Self.tail, TaskStat.parse)
        #expect(
            stat
                == TaskStat(
                    pid: 8419, comm: "sh", state: "S", parent: 7602, flags: 4_194_560, threadCount: 4,
                    startTime: 15_520_914))
        #expect(!stat.isKernelThread)
    }

    @Test func kernelThread() throws {
        let stat = try parsing(
            "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 9 0 0 20 0 1 0 1 0 0 18446744073709551615\n", TaskStat.parse)
        #expect(stat.isKernelThread)
        #expect(stat.parent == 0)
    }

    static let rawComms: [(raw: [UInt8], comm: String)] = [
        ([], ""),
        (Array(") R 1".utf8), ") R 1"),
        (Array(") R 1 1 1 (".utf8), ") R 1 1 1 ("),
        (Array("a\nb) S 1 (x".utf8), "a\nb) S 1 (x"),
        (Array("((((".utf8), "(((("),
        (Array("))))".utf8), "))))"),
        (Array("\u{1B}[2J".utf8), "\u{1B}[2J"),
        ([0xFF, 0x61, 0xC3], "\\xffa\\xc3"),
        (Array("tâche".utf8), "tâche"),
    ]

    @Test(arguments: rawComms)
    func comms(raw: [UInt8], comm: String) throws {
        let stat = try parsing(Array("8419 (".utf8) + raw + Array((")" + Self.tail).utf8), TaskStat.parse)
        #expect(stat.comm == comm)
        #expect(stat.parent == 7602)
        #expect(stat.startTime == 15_520_914)
    }

    static let malformedTexts: [String] = [
        "", "\n", " ", "8419", "8419 ", "8419 (", "8419 (sh", "8419 )sh(" + tail, "8419 (sh)", "8419 (sh) ",
        "8419 (sh) S", "8419 (sh) S ", "8419 (sh)\n", "(sh)" + tail, "-1 (sh)" + tail, "x (sh)" + tail,
        "8419\t(sh)" + tail, "8419(sh)" + tail, "99999999999999999999 (sh)" + tail,
        "8419 (sh) S x 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 5 0\n",
        "8419 (sh) S 1 1 1 0 -1 x 0 0 0 0 0 0 0 0 0 0 1 0 5 0\n",
        "8419 (sh) S 1 1 1 0 -1 99999999999 0 0 0 0 0 0 0 0 0 0 1 0 5 0\n",
        "8419 (sh) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 x 0 5 0\n",
        "8419 (sh) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 -5 0\n",
        "8419 (sh) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 99999999999999999999999 0\n",
    ]

    @Test(arguments: malformedTexts)
    func malformed(text: String) {
        #expect(throws: ProcFSError.malformed(file: "stat", line: 1)) { try parsing(text, TaskStat.parse) }
    }

    /// A file that ends before the blank after its start time is not taken for a younger process.
    @Test func cutOffAnywhere() throws {
        let whole = Array(("8419 (sh)" + Self.tail).utf8)
        let end = try #require(String(decoding: whole, as: UTF8.self).range(of: "15520914 ")).upperBound
        let needed = String(decoding: whole, as: UTF8.self)[..<end].utf8.count
        for count in 0..<needed {
            #expect(throws: ProcFSError.malformed(file: "stat", line: 1), "\(count) bytes") {
                try parsing(Array(whole.prefix(count)), TaskStat.parse)
            }
        }
        #expect(try parsing(Array(whole.prefix(needed)), TaskStat.parse).startTime == 15_520_914)
    }
}
