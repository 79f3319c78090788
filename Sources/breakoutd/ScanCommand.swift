import ArgumentParser
import Checks
import Configuration
import Findings
import Glibc
import LinuxSystem
import NodeFiles
import NodeModel
import NodeSnapshot
import Reports

struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Look once at every container of this node and report what it shares with the host.",
        discussion: """
            Exit codes: 0 judged, and nothing at or above --fail-on; 1 such a finding; 2 wrong use or configuration; \
            3 no such finding, and the node could not be judged fully.
            """)

    @OptionGroup(title: "What to read") var source: SourceOptions
    @OptionGroup(title: "What was declared") var api: APIOptions
    @OptionGroup(title: "What to report") var output: OutputOptions
    @OptionGroup var settings: ConfigurationOptions

    func validate() throws {
        _ = try source.selectedChecks()
        if source.from != nil, source.save != nil {
            throw ValidationError("--save writes what a scan reads; with --from nothing is read.")
        }
        if api.nodeName != nil, !api.isAsked { throw ValidationError("--node-name is for --api and --kubeconfig.") }
        if source.from != nil, source.namesPlaces {
            throw ValidationError(
                "--from judges what the file holds; --proc, --root and --reference-pid are for a node that is read.")
        }
        if source.from != nil, api.isAsked {
            throw ValidationError("--from judges what the file holds; the API is asked where a node is read.")
        }
        if source.from != nil, output.format == .journal {
            throw ValidationError(
                "--format journal tells of this node now; with --from it would be another's or an old one.")
        }
        if let limit = output.maxOutput, limit <= 0 { throw ValidationError("--max-output must be above 0.") }
        if !(source.timeout > 0) { throw ValidationError("--timeout must be above 0.") }
        if source.referencePID <= 0 { throw ValidationError("--reference-pid must be above 0.") }
    }

    func run() throws {
        let report = try CommandOutput.orExit {
            let checks = try source.selectedChecks()
            // The settings of this node are not those of the one that a file holds.
            let settings = source.from == nil ? try settings.read() : try settings.readNamed()
            let judgement = try source.judgement(by: checks, api, settings.api)
            if let path = source.save { try NodeFile.save(judgement.node, to: path) }
            let allowed = judgement.allowing(settings.everythingAllowed, at: judgement.node.takenAt)
            let report = Report(allowed, output.options(settings), allowList: settings.allowList)
            try deliver(report)
            return report
        }
        throw ExitCode(report.exitCode)
    }

    private func deliver(_ report: Report) throws {
        if output.format == .journal {
            let sent = try JournalReport.send(report)
            CommandOutput.complain("\(sent) entries sent to the journal")
        } else {
            try CommandOutput.write(try report.text(output.format))
        }
    }
}

extension ReportFormat: ExpressibleByArgument {}

/// Where a scan reads the node from.
struct SourceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A /proc that shows every process of the node.", valueName: "dir"))
    var proc = "/proc"

    @Option(help: ArgumentHelp("Where the node's root directory is, /host in a debug container.", valueName: "dir"))
    var root = "/"

    @Option(
        name: .customLong("reference-pid"),
        help: ArgumentHelp("The process whose namespaces are the host's.", valueName: "pid"))
    var referencePID: Int32 = 1

    @Option(help: ArgumentHelp("Seconds after which the scan ends with what it has.", valueName: "seconds"))
    var timeout: Double = 30

    @Option(
        help: ArgumentHelp("What 'breakoutd baseline' recorded, where there is such a file.", valueName: "file"),
        completion: .file())
    var baseline = BaselineFile.defaultPath

    @Option(
        help: ArgumentHelp(
            "Run only these checks, and read only what they need: ids separated by commas, * for any part.",
            valueName: "ids"))
    var checks: String?

    @Option(
        help: ArgumentHelp("Write what was read to a file that --from judges on any machine.", valueName: "file"),
        completion: .file())
    var save: String?

    @Option(
        help: ArgumentHelp("Judge a file that --save wrote instead of this node.", valueName: "file"),
        completion: .file())
    var from: String?

    /// Something of the node is not looked for where it usually is.
    var namesPlaces: Bool { (proc, root, referencePID) != ("/proc", "/", 1) }

    func selectedChecks() throws -> [Check] {
        guard let checks else { return Check.all }
        do {
            return try Check.selected(by: checks)
        } catch {
            throw ValidationError("There is no check '\(error.pattern)'. 'breakoutd explain' lists all of them.")
        }
    }

    /// The node, judged; one that is read here is looked at twice where it looks bad.
    func judgement(by checks: [Check], _ api: APIOptions, _ settings: DaemonConfiguration.API) throws -> Judgement {
        if let from { return Judgement(of: try NodeFile.load(from), by: checks) }
        // Without it, all files of the node would be gone.
        _ = try Descriptor.open(root, LinuxFlags.path | O_DIRECTORY)
        let builder = SnapshotBuilder(
            SnapshotOptions(
                proc: proc, root: root, referencePID: referencePID, parts: checks.parts, namespaces: checks.namespaces,
                watchedPaths: Check.scannedPaths, baseline: baseline, timeLimit: timeout),
            readAPIPods: api.reader(settings, proc: proc, root: root, timeLimit: timeout))
        return builder.buildConfirmed { node in
            let judgement = Judgement(of: node, by: checks)
            let suspects = Suspects(tasks: judgement.tasksInDoubt, containers: judgement.containersInDoubt)
            return (judgement, suspects)
        }.judgement
    }
}

/// What of a judgement is told, and how.
struct OutputOptions: ParsableArguments {
    @Option(help: "table, html (a page), json, ndjson, emf (CloudWatch metrics) or journal (send to journald).")
    var format = ReportFormat.table

    @Option(
        name: .customLong("min-severity"),
        help: ArgumentHelp("Show nothing below: info, low, medium, high or critical.", valueName: "severity"))
    var minSeverity = Severity.info

    @Option(
        name: .customLong("fail-on"),
        help: ArgumentHelp("Exit with 1 from this severity on, or never.", valueName: "severity"))
    var failOn = FailOn.severity(.medium)

    @Option(help: ArgumentHelp("Report only pods of this name.", valueName: "name"))
    var pod: String?

    @Option(help: ArgumentHelp("Report only pods of this namespace.", valueName: "name"))
    var namespace: String?

    @Flag(name: .customLong("show-host"), help: "Tell of the node's own processes in namespaces of their own, too.")
    var showHost = false

    @Flag(
        name: .customLong("show-allowed"),
        help: "In the table, also show what the allow-list and the profile of add-ons lowered, and entries without use."
    )
    var showAllowed = false

    @Option(
        name: .customLong("max-output"),
        help: ArgumentHelp(
            "Cut the report at the end of a finding, the worst kept; SSM Run Command shows 24000.", valueName: "bytes"))
    var maxOutput: Int?

    @Option(
        name: .customLong("cluster-name"),
        help: ArgumentHelp("The EKS cluster's name, for the dimensions of --format emf.", valueName: "name"))
    var clusterName: String?

    func options(_ settings: DaemonConfiguration) -> ReportOptions {
        ReportOptions(
            minSeverity: minSeverity, failOn: failOn.severity, pod: pod, namespace: namespace, showHost: showHost,
            showAllowed: showAllowed,
            maxOutput: maxOutput, colour: Terminal.hasColour, width: Terminal.width,
            clusterName: clusterName ?? settings.clusterName)
    }
}

extension Severity: ExpressibleByArgument {}

/// A severity, or none.
enum FailOn: ExpressibleByArgument {
    case severity(Severity)
    case never

    init?(argument: String) {
        if argument == "never" {
            self = .never
        } else if let severity = Severity(rawValue: argument) {
            self = .severity(severity)
        } else {
            return nil
        }
    }

    var severity: Severity? {
        if case .severity(let severity) = self { return severity }
        return nil
    }

    var defaultValueDescription: String { severity?.rawValue ?? "never" }
    static var allValueStrings: [String] { Severity.allCases.map(\.rawValue) + ["never"] }
}
