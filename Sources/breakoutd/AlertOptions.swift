import AWS
import Alerts
import ArgumentParser
import Checks
import FoundationEssentials
import LinuxSystem

/// Of which findings to tell.
struct AlertSelection: ParsableArguments {
    @Option(help: ArgumentHelp("Tell only of findings from this severity on.", valueName: "severity"))
    var minSeverity = Severity.medium

    @Option(
        help: ArgumentHelp(
            "Tell only of these techniques: ids separated by commas, * for any text.", valueName: "ids"))
    var technique: String?

    @Option(
        help: ArgumentHelp(
            "Tell only of pods of these namespaces: names separated by commas, * for any text.", valueName: "names"))
    var namespace: String?

    func filter() throws -> AlertFilter {
        if let technique {
            do throws(UnknownCheck) {
                _ = try Check.selected(by: technique)
            } catch {
                throw ValidationError(
                    "No technique is named '\(error.pattern)'. 'breakoutd explain' lists all of them.")
            }
        }
        return AlertFilter(
            minSeverity: minSeverity, techniques: try patterns(technique, "--technique"),
            namespaces: try patterns(namespace, "--namespace"))
    }

    private func patterns(_ list: String?, _ option: String) throws -> [NamePattern] {
        let texts = list?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
        if texts.contains("") { throw ValidationError("\(option) has an empty name.") }
        return texts.map(NamePattern.init)
    }
}

/// Whom to tell.
struct AlertReceiver: ParsableArguments {
    @Option(
        parsing: .remaining,
        help: ArgumentHelp(
            "Run this program, with all arguments that follow: fields as BREAKOUTD_*, the finding on standard input.",
            valueName: "path"),
        completion: .file())
    var command: [String] = []

    @Option(help: ArgumentHelp("Seconds after which the program is killed.", valueName: "seconds"))
    var timeLimit = 30.0

    @Option(help: ArgumentHelp("Post to this https address.", valueName: "url"))
    var webhook: String?

    @Option(
        help: ArgumentHelp(
            "Post to the https address in this file: on the command line, every process of the node could read it.",
            valueName: "file"),
        completion: .file())
    var webhookFile: String?

    @Option(help: ArgumentHelp("What to post: generic or slack.", valueName: "format"))
    var webhookFormat: WebhookTarget.Format?

    @Option(
        help: ArgumentHelp(
            "Publish to this topic, at AWS_ENDPOINT_URL_SNS where that is set.", valueName: "arn"))
    var snsTopic: String?

    func check() throws {
        let receivers = [!command.isEmpty, webhook != nil, webhookFile != nil, snsTopic != nil]
        guard receivers.count(where: { $0 }) == 1 else {
            throw ValidationError("Give one of --command, --webhook, --webhook-file and --sns-topic.")
        }
        if webhookFormat != nil, webhook == nil, webhookFile == nil {
            throw ValidationError("--webhook-format is for --webhook and --webhook-file.")
        }
        if !(timeLimit > 0) { throw ValidationError("--time-limit must be above 0.") }
        if let snsTopic, Self.topic(snsTopic) == nil {
            throw ValidationError("--sns-topic is no ARN of a standard topic: '\(snsTopic)'.")
        }
    }

    func target() throws -> any AlertTarget {
        if let path = command.first {
            return try CommandTarget(
                path, Array(command.dropFirst()), environment: Self.environment, timeLimit: timeLimit)
        }
        if let url = try webhook ?? webhookFile.map(Self.address) {
            return try WebhookTarget(url, webhookFormat ?? .generic)
        }
        guard let topic = snsTopic.flatMap(Self.topic) else { throw ValidationError("There is nobody to tell.") }
        return TopicTarget(
            TopicPublisher(
                topic, environment: Self.environment, now: { Clock.wallMilliseconds() / 1000 }, pause: Clock.sleep))
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    private static func topic(_ arn: String) -> NotificationTopic? {
        let endpoint = ["AWS_ENDPOINT_URL_SNS", "AWS_ENDPOINT_URL"].lazy.compactMap { environment[$0] }
        return NotificationTopic(arn: arn, endpoint: endpoint.first { !$0.isEmpty })
    }

    /// The first line of a file that nobody else can have written.
    private static func address(_ path: String) throws -> String {
        let text = String(decoding: try TrustedFile.read(path, limit: 4096), as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    }
}

extension WebhookTarget.Format: ExpressibleByArgument {}
