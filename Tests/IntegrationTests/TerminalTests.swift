import BenchSupport
import Foundation
import Glibc
import NodeModel
import TestSupport
import Testing

/// What the real program makes of the terminal it prints to; needs no container.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: Bench.binary), "needs a built breakoutd"))
struct TerminalTests {
    /// A pod with one finding whose text is longer than any of the widths.
    private static let node = Node.quiet.changingBundle { bundle in
        bundle.mounts.append(
            BundleMount(
                destination: "/host", type: "bind", source: "/etc/" + String(repeating: "long-name/", count: 9),
                options: ["rbind", "rw"]))
    }.changing { $0.mountTables = [] }

    private static let escape = "\u{1B}["

    /// What a scan of the saved node prints on a terminal of so many columns.
    private func printed(_ environment: [String: String], columns: UInt16 = 90) throws -> String {
        try TemporaryDirectory.with { directory in
            try directory.file("node.json", Array(try JSONEncoder().encode(Self.node)))
            var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
            var (controller, terminal): (Int32, Int32) = (-1, -1)
            try #require(openpty(&controller, &terminal, nil, nil, &size) == 0)
            defer { close(controller) }
            let program = Process()
            program.executableURL = URL(fileURLWithPath: Bench.binary)
            program.arguments = ["scan", "--from", "\(directory.path)/node.json"]
            program.environment = environment
            program.standardOutput = FileHandle(fileDescriptor: terminal, closeOnDealloc: false)
            do {
                defer { close(terminal) }
                try program.run()
            }
            // EIO is the end: nobody has the terminal open any more.
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = read(controller, &buffer, buffer.count), count > 0 { bytes += buffer.prefix(count) }
            program.waitUntilExit()
            #expect(program.terminationStatus == 1)
            return String(decoding: bytes.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        }
    }

    private static func longestLine(_ text: String) -> Int { text.split(separator: "\n").map(\.count).max() ?? 0 }

    static let environments: [(environment: [String: String], hasColour: Bool)] = [
        (["TERM": "xterm"], true), ([:], true), (["TERM": "xterm", "NO_COLOR": ""], true),
        (["TERM": "xterm", "NO_COLOR": "1"], false), (["TERM": "xterm", "NO_COLOR": "0"], false),
        (["TERM": "dumb"], false),
    ]

    @Test(arguments: environments)
    func colour(environment: [String: String], hasColour: Bool) throws {
        let text = try printed(environment)
        #expect(text.contains("host-path-etc"))
        #expect(text.contains(Self.escape) == hasColour)
    }

    /// No other output gets colours, whatever the environment says; there `COLUMNS` is the width.
    @Test(arguments: [(columns: "70", width: 70), ("130", 130), ("0", 100), ("x", 100), (nil, 100)])
    func noTerminal(columns: String?, width: Int) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("node.json", Array(try JSONEncoder().encode(Self.node)))
            let setting = columns.map { ["COLUMNS=\($0)"] } ?? []
            let output = try Bench.run(
                ["env", "-i", "TERM=xterm"] + setting + [Bench.binary, "scan", "--from", "\(directory.path)/node.json"])
            #expect(output.status == 1 && !output.text.contains(Self.escape))
            #expect((width - 25...width).contains(Self.longestLine(output.text)), "\(output.text)")
        }
    }

    /// The terminal's own width counts, and not the environment's.
    @Test(arguments: [70, 90, 130] as [UInt16])
    func width(columns: UInt16) throws {
        let text = try printed(["TERM": "dumb", "COLUMNS": "40"], columns: columns)
        #expect((Int(columns) - 25...Int(columns)).contains(Self.longestLine(text)), "\(text)")
    }

    /// Scripts that the shells themselves accept, where they are installed.
    @Test(arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) throws {
        let output = try Bench.run([Bench.binary, "--generate-completion-script", shell])
        #expect(output.status == 0 && output.errors.isEmpty)
        for word in ["breakoutd", "scan", "explain", "min-severity"] { #expect(output.text.contains(word), "\(word)") }
        guard ["/bin/\(shell)", "/usr/bin/\(shell)"].contains(where: FileManager.default.isExecutableFile) else {
            return
        }
        let checked = try Bench.run([shell, "-n"], input: output.bytes)
        #expect(checked.status == 0 && checked.errors.isEmpty)
    }
}
