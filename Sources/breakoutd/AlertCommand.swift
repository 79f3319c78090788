import AWS
import Alerts
import ArgumentParser
import Checks
import Daemon
import Dispatch
import Glibc
import LinuxSystem
import Logging
import Reports
import UnixSignals

struct AlertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert",
        abstract: "Follow the journal and tell somebody of each finding in it: a program, a webhook or an SNS topic.",
        discussion: """
            Every finding that is raised, that got worse or that stands for some held back is told at least once; what \
            is over is not told, and neither is what could not be judged. The place in the journal is saved after each \
            alert: after a clean end none is told twice, after a kill at most those that were on their way. The first \
            start begins with this boot's findings. Exit codes: 0 ended by SIGTERM or SIGINT, 1 the journal failed, 2 \
            wrong use.
            """)

    @OptionGroup(title: "Of what to tell") var selection: AlertSelection
    @OptionGroup(title: "Whom to tell") var receiver: AlertReceiver

    @Option(
        help: ArgumentHelp("Where the place in the journal is kept over restarts.", valueName: "file"),
        completion: .file())
    var cursor = ProgressFile.defaultPath

    @Option(help: ArgumentHelp("How many alerts may be on their way at once.", valueName: "n"))
    var atOnce = 4

    @Option(help: ArgumentHelp("Seconds after which an alert that nobody takes is given up.", valueName: "seconds"))
    var giveUp = 900.0

    func validate() throws {
        if !(1...32).contains(atOnce) { throw ValidationError("--at-once must be from 1 to 32.") }
        if !(giveUp >= 0) { throw ValidationError("--give-up must not be below 0.") }
        _ = try selection.filter()
        try receiver.check()
    }

    func run() async throws {
        let logger = Logger(label: "breakoutd", factory: StandardErrorLog.init)
        do {
            let (filter, target) = (try selection.filter(), try receiver.target())
            let progress = try ProgressFile.load(cursor)
            // That it cannot be saved has to be known before somebody is told.
            try ProgressFile.save(progress, to: cursor)
            let follower = AlertFollower(
                filter, AlertDelivery(to: target, giveUpAfter: giveUp, logger: logger), atOnce: atOnce, from: progress,
                path: cursor, logger: logger)
            try await follow(follower, from: progress.position, logger)
        } catch let error as JournalError {
            logger.critical("\(error)")
            throw ExitCode(1)
        } catch {
            logger.critical("\(error)")
            throw ExitCode(2)
        }
    }

    private func follow(_ follower: AlertFollower, from position: String?, _ logger: Logger) async throws {
        let stop = try StopSignal()
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let waiting = Task { for await _ in signals { return stop.stop() } }
        defer { waiting.cancel() }
        let result: Result<Void, JournalError> = await withCheckedContinuation { continuation in
            DispatchQueue(label: "breakoutd.journal").async {
                continuation.resume(
                    returning: Result { () throws(JournalError) in
                        var reader = try JournalReader(after: position, logger: logger)
                        ServiceManager().tell("READY=1", status: "Following the journal")
                        try follower.run(&reader, stop)
                    })
            }
        }
        ServiceManager().tell("STOPPING=1")
        logger.notice("Ended: \(follower.counts)")
        try result.get()
    }
}
