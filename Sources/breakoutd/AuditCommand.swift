import ArgumentParser
import Configuration
import LinuxSystem
import Manifests
import NodeModel
import PodSecurity
import Reports

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Judge the pods of manifests by the Pod Security Standards or by PodSecurityPolicies.",
        discussion: """
            Exit codes: 0 all are allowed; 1 some are not; 2 wrong use, or something that cannot be read, with all \
            else judged.
            """)

    @Argument(
        help: ArgumentHelp(
            "Files of YAML or JSON, or directories of such (*.yaml, *.yml, *.json); - is standard input.",
            valueName: "file"),
        completion: .file())
    var files: [String] = []

    @Flag(help: "Judge what is in directories below a directory, too.")
    var recursive = false

    @Flag(help: "Judge the pods of this node, as the Kubernetes API has them.")
    var node = false

    @OptionGroup(title: "With --node") var api: APIOptions
    @OptionGroup(title: "With --node") var settings: ConfigurationOptions

    @Option(help: "privileged, baseline or restricted. (default: restricted)")
    var level: PodSecurityLevel?

    @Option(help: ArgumentHelp("The standards as of a Kubernetes release. (default: latest)", valueName: "v1.29"))
    var version: PodSecurityVersion?

    @Option(
        help: ArgumentHelp(
            "Judge by the PodSecurityPolicies of this file instead, and tell what takes their place; repeatable.",
            valueName: "file"),
        completion: .file())
    var policy: [String] = []

    @Option(help: "table or json.")
    var format = AuditFormat.table

    func validate() throws {
        if files.isEmpty != node {
            throw ValidationError(node ? "--node takes no files." : "Name a file, - for standard input, or --node.")
        }
        if recursive, files.isEmpty { throw ValidationError("--recursive is for directories.") }
        if settings.config != nil, !node { throw ValidationError("--config is for --node.") }
        if api.isAsked || api.nodeName != nil, !node {
            throw ValidationError("--api, --kubeconfig and --node-name are for --node.")
        }
        if (files + policy).count(where: { $0 == "-" }) > 1 {
            throw ValidationError("Standard input (-) can be read once only.")
        }
        if !policy.isEmpty, level != nil || version != nil {
            throw ValidationError("--policy judges by policies alone, without --level and --version.")
        }
    }

    func run() throws {
        let report = try CommandOutput.orExit {
            let report = try judged(by: try rules())
            try CommandOutput.write(try report.text(format))
            return report
        }
        throw ExitCode(report.exitCode)
    }

    private func rules() throws(ManifestError) -> AuditRules {
        guard !policy.isEmpty else { return .standards(level ?? .restricted, version ?? .latest) }
        var policies: [PodSecurityPolicy] = []
        for path in policy {
            policies += try PolicyFile.policies(in: try ManifestReader.bytes(of: path, takesPipe: true), name: path)
        }
        return .policies(policies)
    }

    private func judged(by rules: AuditRules) throws(ConfigurationError) -> AuditReport {
        var report = AuditReport(by: rules)
        if node { report.add(try podsOfThisNode()) }
        let manifests = ManifestFiles(isRecursive: recursive)
        for path in files {
            manifests.read(path) { name, contents in
                do throws(ManifestError) {
                    report.add(WorkloadFile(try contents.get(), name: name))
                } catch {
                    report.add(WorkloadFile(unreadable: error))
                }
            }
        }
        return report
    }
}

extension AuditCommand {
    private func podsOfThisNode() throws(ConfigurationError) -> WorkloadFile {
        let pods = api.read(try settings.read().api, proc: "/proc", root: "/", timeLimit: 60)
        if let failure = pods.failure {
            return WorkloadFile(unreadable: ManifestError(name: "node", reason: failure))
        }
        // Every node of EKS has some: this is another cluster's or nobody's name.
        if pods.pods.isEmpty {
            return WorkloadFile(unreadable: ManifestError(name: "node", reason: "the API has no pods of this node"))
        }
        return WorkloadFile(pods: pods.pods, name: "node")
    }
}

extension PodSecurityLevel: ExpressibleByArgument {}

extension PodSecurityVersion: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

extension AuditFormat: ExpressibleByArgument {}
