import ArgumentParser
import Checks
import Configuration
import LinuxSystem
import NodeModel
import NodeSnapshot
import Reports

struct PodsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pods",
        abstract: "List the pods of this node: what the API admitted them with beside what they have.",
        discussion: """
            DECLARED and ACTUAL are the strictest Pod Security level that the specification, and that which the pod \
            really has, would meet; what nothing on the node shows, such as volumes that are no host paths, counts as \
            not there. The Kubernetes API is asked with the node's own identity. Exit codes: 0 every pod \
            is as declared; 1 some are not; 2 wrong use or configuration; 3 something could not be told.
            """)

    @Option(help: ArgumentHelp("A /proc that shows every process of the node.", valueName: "dir"))
    var proc = "/proc"

    @Option(help: ArgumentHelp("Where the node's root directory is, /host in a debug container.", valueName: "dir"))
    var root = "/"

    @Option(help: ArgumentHelp("Seconds after which the scan ends with what it has.", valueName: "seconds"))
    var timeout: Double = 30

    @Option(
        help: ArgumentHelp("List the pods of a file that 'scan --api --save' wrote.", valueName: "file"),
        completion: .file())
    var from: String?

    @OptionGroup(title: "What was declared") var api: APIOptions
    @OptionGroup var settings: ConfigurationOptions

    @Option(help: "table or json.")
    var format = PodsFormat.table

    func validate() throws {
        if !(timeout > 0) { throw ValidationError("--timeout must be above 0.") }
        if from != nil, api.isAsked || api.nodeName != nil {
            throw ValidationError("--from lists what the file holds; the API is asked where a node is read.")
        }
        if from != nil, settings.config != nil {
            throw ValidationError("--config says how the API is asked; with --from it is not.")
        }
    }

    func run() throws {
        let report = try CommandOutput.orExit {
            let (node, reviews) = try reviewedNode()
            let report = PodsReport(node, reviews, width: Terminal.width)
            try CommandOutput.write(try report.text(format))
            return report
        }
        throw ExitCode(report.exitCode)
    }

    /// The node and its pods; a node that is read here is looked at twice where a pod is not as it was declared.
    private func reviewedNode() throws -> (Node, [PodReview]) {
        if let from {
            let node = try NodeFile.load(from)
            return (node, PodReview.all(of: node))
        }
        var options = api
        options.api = true
        let settings = try settings.read()
        let builder = SnapshotBuilder(
            SnapshotOptions(proc: proc, root: root, timeLimit: timeout),
            readAPIPods: options.reader(settings.api, proc: proc, root: root, timeLimit: timeout))
        return builder.buildConfirmed { node in
            let reviews = PodReview.all(of: node)
            return (reviews, reviews.reduce(into: Suspects()) { $0.add($1.doubt) })
        }
    }
}

extension Suspects {
    fileprivate mutating func add(_ doubt: PodReview.Doubt) {
        tasks.merge(doubt.tasks) { $0.union($1) }
        containers.formUnion(doubt.containers)
    }
}

extension PodsFormat: ExpressibleByArgument {}
