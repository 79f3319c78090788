import ArgumentParser
import Checks
import LinuxSystem
import NodeFiles
import NodeModel
import NodeSnapshot
import Reports

struct BaselineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Record the files that this node acts on, to tell later of what changed.",
        discussion: """
            Scans and the daemon then tell of each of these files that is new, changed or gone, and not as the node's \
            packages have it. Record a node that you trust, when it is set up and its add-ons run. Exit codes: 0 \
            recorded; 2 nothing was recorded; 3 recorded, but not everything could be read.
            """)

    @Option(help: ArgumentHelp("The file to write, for root alone.", valueName: "file"), completion: .file())
    var output = BaselineFile.defaultPath

    @Option(help: ArgumentHelp("Where the node's root directory is, /host in a container.", valueName: "dir"))
    var root = "/"

    func run() throws {
        let isWhole = try CommandOutput.orExit {
            let (baseline, gaps) = BaselineReading.read(
                SnapshotOptions(root: root, parts: .nodeFiles, watchedPaths: Check.scannedPaths))
            guard !baseline.files.isEmpty else { throw ValidationError("\(root): nothing there to record") }
            try BaselineFile.save(baseline, to: output)
            try CommandOutput.write(Self.summary(baseline, output).map { TerminalText.escaped($0) + "\n" }.joined())
            for gap in gaps {
                CommandOutput.complain("not read: \(gap.reason): \(gap.count), such as \(gap.examples.first ?? root)")
            }
            return gaps.isEmpty
        }
        if !isWhole { throw ExitCode(3) }
    }

    private static func summary(_ baseline: Baseline, _ path: String) -> [String] {
        let counts = Check.scannedFiles(of: baseline.files.map(\.path))
        let width = counts.map(\.subject.count).max() ?? 0
        return counts.map { subject, count in
            "\(subject)\(String(repeating: " ", count: width - subject.count))  \(count)"
        } + ["\(baseline.files.count) files and directories recorded in \(path)"]
    }
}
