import Foundation
import LinuxSystem
import NodeModel
import Synchronization
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite struct PluginCredentialTests {
    /// A plugin that counts its runs in the file beside it.
    private static func script(_ status: String) -> String {
        """
        #!/bin/sh
        echo run >> "$(dirname "$0")/runs"
        cat <<END
        {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": \(status)}
        END
        """
    }

    private static func install(_ script: String, in directory: TemporaryDirectory, mode: mode_t = 0o755) throws
        -> String
    {
        let path = try directory.program("plugin", script)
        try #require(chmod(directory.path, 0o755) == 0 && chmod(path, mode) == 0)
        return path
    }

    private func runs(_ directory: TemporaryDirectory) -> Int {
        (try? String(contentsOfFile: "\(directory.path)/runs", encoding: .utf8))?.split(separator: "\n").count ?? 0
    }

    @Test func environmentAndArguments() throws {
        try TemporaryDirectory.with { directory in
            let path = try Self.install(
                """
                #!/bin/sh
                token=$(/usr/bin/env | sort | tr '\\n' ',' | sed 's/PWD=[^,]*,//;s/_=[^,]*,//;s/SHLVL=[^,]*,//;s/OLDPWD=[^,]*,//')
                echo '{"apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential",
                  "status": {"token": "'"$token$1,$2"'"}}'
                """, in: directory)
            let plugin = Kubeconfig.ExecPlugin(
                command: path, args: ["a;b", "$HOME"], env: [.init(name: "ROLE", value: "reader")])
            let token = try PluginCredential(plugin).bearerToken(isNew: false)
            #expect(token == "PATH=/usr/sbin:/usr/bin:/sbin:/bin,ROLE=reader,a;b,$HOME")
        }
    }

    /// When the token is asked for, and how often the plugin has run by then.
    @Test func expiry() throws {
        try TemporaryDirectory.with { directory in
            let status = #"{"token": "t", "expirationTimestamp": "2026-03-05T17:30:20Z"}"#
            let path = try Self.install(Self.script(status), in: directory)
            let time = Mutex<Int64>(1_772_731_000)
            let credential = try PluginCredential(Kubeconfig.ExecPlugin(command: path)) { time.withLock { $0 } }
            let steps: [(time: Int64, isNew: Bool, runs: Int)] = [
                (1_772_731_000, false, 1), (1_772_731_819, false, 1), (1_772_731_819, true, 2),
            ]
            for step in steps {
                time.withLock { $0 = step.time }
                #expect(try credential.bearerToken(isNew: step.isNew) == "t")
                #expect(runs(directory) == step.runs)
            }
            time.withLock { $0 = 1_772_731_820 }
            let expired = APIError.credential(reason: "the plugin \(path): gave a token that has expired")
            #expect(throws: expired) { _ = try credential.bearerToken(isNew: false) }
            #expect(runs(directory) == 3)
        }
    }

    @Test func withoutATimeItStays() throws {
        try TemporaryDirectory.with { directory in
            let path = try Self.install(Self.script(#"{"token": "t"}"#), in: directory)
            let credential = try PluginCredential(Kubeconfig.ExecPlugin(command: path))
            for _ in 0..<3 { #expect(try credential.bearerToken(isNew: false) == "t") }
            #expect(runs(directory) == 1)
        }
    }

    static let failures: [(name: String, script: String, mode: mode_t, reason: String)] = [
        (
            "others may write", script(#"{"token": "t"}"#), 0o757,
            "the plugin is not run: PATH: group or others may write to it (mode 0757)"
        ),
        ("not executable", script(#"{"token": "t"}"#), 0o644, "the plugin PATH: Permission denied"),
        ("fails", "#!/bin/sh\necho secret; exit 1", 0o755, "the plugin PATH: ended with status 1"),
        ("hangs", "#!/bin/sh\nsleep 600", 0o755, "the plugin PATH: did not end in time"),
        ("floods", "#!/bin/sh\nexec cat /dev/zero", 0o755, "the plugin PATH: wrote more than 64 KiB"),
        ("talks", "#!/bin/sh\necho secret", 0o755, "the plugin PATH: its output is no JSON of an ExecCredential"),
    ]

    @Test(arguments: failures)
    func failure(name: String, script: String, mode: mode_t, reason: String) throws {
        try TemporaryDirectory.with { directory in
            let path = try Self.install(script, in: directory, mode: mode)
            let limit = name == "hangs" ? 0.2 : 20
            let credential = try PluginCredential(Kubeconfig.ExecPlugin(command: path), timeLimit: limit)
            #expect(throws: APIError.credential(reason: reason.replacing("PATH", with: path))) {
                _ = try credential.bearerToken(isNew: false)
            }
            #expect(runs(directory) == 0)
        }
    }

    static let refused: [Kubeconfig.ExecPlugin] = [
        .init(command: "plugin"), .init(command: "/plugin", interactiveMode: "Always"),
        .init(command: "/plugin", provideClusterInfo: true),
    ]

    @Test(arguments: refused)
    func refusedPlugins(plugin: Kubeconfig.ExecPlugin) {
        let error = #expect(throws: APIError.self) { _ = try PluginCredential(plugin) }
        guard case .configuration = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// A kubeconfig whose user is a plugin, against a server that takes one token: run if and only if it is allowed.
    @Test(.enabled(if: StandInAPIServer.isAvailable, "needs python3 and openssl"), arguments: [true, false])
    func listsPods(isAllowed: Bool) throws {
        try StandInAPIServer.with { server in
            try server.apply("web-0")
            try TemporaryDirectory.with { directory in
                let path = try Self.install(
                    """
                    #!/bin/sh
                    echo run >> "$(dirname "$0")/runs"
                    echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                      "status": {"token": "'"$(cat "$TOKEN_FILE")"'"}}'
                    """, in: directory)
                let token = try String(contentsOfFile: server.kubeconfig("token"), encoding: .utf8)
                let config = try #require(token.firstRange(of: "    token:").map { token[..<$0.lowerBound] })
                try directory.file(
                    "kubeconfig",
                    config + """
                            exec:
                              apiVersion: client.authentication.k8s.io/v1
                              command: \(path)
                              env: [{name: TOKEN_FILE, value: \(server.directory)/token}]
                        """)
                let allowed: Set<String> = isAllowed ? [path] : [directory.path, "plugin", path + "x"]
                let list = Result { () throws -> [String?] in
                    let access = try APIAccess(kubeconfig: "\(directory.path)/kubeconfig", plugins: allowed) { _, _ in
                        CertificateCredential()
                    }
                    let client = try access.podClient(nodeName: StandInAPIServer.nodeName)
                    return try client.list(until: Deadline(secondsFromNow: 20)).pods.map(\.metadata.name)
                }
                if isAllowed {
                    #expect(try list.get() == ["web-0"])
                } else {
                    #expect(throws: APIError.self) { _ = try list.get() }
                }
                #expect(runs(directory) == (isAllowed ? 1 : 0))
            }
        }
    }
}
