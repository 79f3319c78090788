import LinuxSystem
import Synchronization

/// The token that a credential plugin of the kubeconfig prints, where the configuration allows the program.
///
/// The program has to be trusted like a file of root's, gets nothing but its arguments, the kubeconfig's own variables and
/// a fixed `PATH`, and no shell. A token is used until it expires, and one without a time until the server refuses it
/// (client-go, plugin/pkg/client/auth/exec).
final class PluginCredential: APICredential {
    private let plugin: Kubeconfig.ExecPlugin
    private let timeLimit: Double
    private let now: @Sendable () -> Int64
    private let held = Mutex<ExecCredential?>(nil)

    /// A token is some kilobytes; what a server takes as a header is less than this.
    private static let outputLimit = 64 << 10
    private static let searchPath = "/usr/sbin:/usr/bin:/sbin:/bin"

    /// - Parameters:
    ///   - timeLimit: seconds that one run may take.
    ///   - now: seconds since 1970-01-01 UTC.
    init(
        _ plugin: Kubeconfig.ExecPlugin, timeLimit: Double = 10,
        now: @escaping @Sendable () -> Int64 = { Clock.wallMilliseconds() / 1000 }
    ) throws(APIError) {
        guard plugin.command.hasPrefix("/") else {
            throw .configuration(reason: "the credential plugin \(plugin.command) is no absolute path")
        }
        if plugin.interactiveMode == "Always" || plugin.provideClusterInfo == true {
            throw .configuration(
                reason: "the credential plugin \(plugin.command) wants a terminal or the cluster's data: not supported")
        }
        self.plugin = plugin
        self.timeLimit = timeLimit
        self.now = now
    }

    func bearerToken(isNew: Bool) throws(APIError) -> String? {
        let time = now()
        if !isNew, let held = held.withLock({ $0 }), held.expiration.map({ time < $0 }) ?? true { return held.token }
        let fresh = try run(at: time)
        held.withLock { $0 = fresh }
        return fresh.token
    }

    private func run(at time: Int64) throws(APIError) -> ExecCredential {
        let credential: ExecCredential
        do {
            try TrustedFile.check(plugin.command)
            var environment = ["PATH": Self.searchPath]
            for variable in plugin.env ?? [] { environment[variable.name] = variable.value }
            let output = try BoundedProgram.output(
                of: plugin.command, plugin.args ?? [], environment: environment, limit: Self.outputLimit,
                until: Deadline(secondsFromNow: timeLimit))
            credential = try ExecCredential(output)
        } catch let failure as TrustedFile.Failure {
            throw .credential(reason: "the plugin is not run: \(failure)")
        } catch {
            throw .credential(reason: "the plugin \(plugin.command): \(error)")
        }
        if let end = credential.expiration, end <= time {
            throw .credential(reason: "the plugin \(plugin.command): gave a token that has expired")
        }
        return credential
    }
}
