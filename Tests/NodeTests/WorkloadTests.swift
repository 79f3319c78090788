import BenchSupport
import Foundation
import Testing

extension RealNodes {
    /// A node on which everything is as it should be: pods come and go, with probes and logs, while its own programs update
    /// packages, mount and unmount.
    ///
    /// It goes on for `BREAKOUTD_WORKLOAD_SECONDS`, half a minute by default, and for a hundred pods at the least.
    @Suite(.enabled(if: Bench.hasGuests, Bench.guestReason)) struct WorkloadTests {
        private static let seconds =
            ProcessInfo.processInfo.environment["BREAKOUTD_WORKLOAD_SECONDS"].flatMap(Double.init) ?? 30

        /// Pods that may do much, as on every node: whatever changes there may be theirs.
        private static let agents: [[String]] = [
            ["monitor", "--mount", "/:/host", "--host-pid"] + Situation.quiet,
            ["proxy", "--privileged", "--host-network"],
            ["collector", "--mount", "/var/log:/var/log", "--mount", "/etc:/host/etc"] + Situation.quiet,
        ]

        /// The pods of a wave: what runs in them, and whether that ends by itself.
        private static let workloads: [(options: [String], script: String, isJob: Bool)] = [
            ([], "while :; do echo a line of the log; sleep 1; done", false),
            ([], "echo done", true),
            ([], "for number in 1 2 3; do (sleep 1d &); done; exec sleep 1d", false),
            (["--share-pid"], "exec sleep 1d", false),
            (["--read-only", "--user", "1000"], "exec sleep 1d", false),
        ]

        @Test(arguments: [("v1", false), ("v2", true)]) func withoutAnAttack(version: String, hasBaseline: Bool) throws
        {
            try SystemdNode.with(version) { node in
                try node.installUnits()
                try node.succeed(
                    "sh", "-c", "echo '{api: {enabled: false}, scan: {period: 5s}}' >/etc/breakoutd/config.yaml")
                try node.onNode(Self.update, "0")
                if hasBaseline { try node.succeed("breakoutd", "baseline") }
                try node.succeed("systemctl", "start", "breakoutd")
                _ = try node.pods(Self.agents)
                try node.start("mounts", Self.mount)

                let end = Date().addingTimeInterval(Self.seconds)
                var (wave, made) = (0, 0)
                while made < 100 || Date() < end {
                    wave += 1
                    made += try Self.wave(wave, on: node)
                    // A scan while packages are installed.
                    try node.start("update-\(wave)", Self.update, "1\(wave)")
                    let told = try node.scan().report.findings.filter { $0.class != "exposure" }
                    #expect(told.map { "\($0.technique) \($0.detail)" } == [], "wave \(wave)")
                }
                #expect(try node.run("systemctl", "is-active", "mounts", "breakoutd").status == 0)
                #expect(try node.run("systemctl", "list-units", "-q", "--failed", "update-*").text == "")
                let told = try node.journal().filter { ["action", "residue"].contains($0["BREAKOUTD_CLASS"]) }
                #expect(told.compactMap { $0["MESSAGE"] } == [], "\(made) pods, \(wave) waves")
                print("\(version): \(made) pods in \(wave) waves, \(told.count) findings")
            }
        }

        /// Twenty pods start, are probed and end, with what the kubelet and the node's own people do meanwhile.
        private static func wave(_ number: Int, on node: SystemdNode) throws -> Int {
            let kinds = (0..<20).map { workloads[$0 % workloads.count] }
            let words = kinds.enumerated().map { position, kind in
                ["workload-\(number)-\(position)"] + Situation.quiet + kind.options + ["--", "sh", "-c", kind.script]
            }
            let pods = try node.pods(words)
            let running = zip(pods, kinds).filter { !$0.1.isJob }.map(\.0)
            _ = try node.execute(running.map { ($0.container, "cat /proc/1/cmdline >/dev/null; exec true") })
            try node.onNode(rotate)
            try node.onNode(update, "\(number)")
            try node.succeed(["pod", "-s", SystemdNode.socket, "remove"] + pods.map(\.pod))
            return pods.count
        }

        /// As the kubelet names and packs what it puts aside.
        private static let rotate = """
            for log in /var/log/pods/*/*/0.log; do
                [ -s "$log" ] || continue
                for old in "$log".*; do case $old in *.gz | *\\*) ;; *) gzip "$old" ;; esac; done
                mv "$log" "$log.$(date +%Y%m%d-%H%M%S)"
                : >"$log"
                chmod 640 "$log"
            done
            """

        /// Installs a newer version, `$1`, of a package with a program, a unit and a file for cron.
        private static let update = """
            cd "$(mktemp -d)"
            mkdir -p package/DEBIAN package/usr/bin package/usr/lib/systemd/system package/etc/cron.d
            cd package
            printf '#!/bin/sh\\necho %s\\n' "$1" >usr/bin/workload
            chmod 755 usr/bin/workload
            printf '[Service]\\nExecStart=/usr/bin/workload %s\\n' "$1" >usr/lib/systemd/system/workload.service
            printf '%s 4 * * * root /usr/bin/workload\\n' "$(($1 % 60))" >etc/cron.d/workload
            echo /etc/cron.d/workload >DEBIAN/conffiles
            md5sum usr/bin/workload usr/lib/systemd/system/workload.service etc/cron.d/workload >DEBIAN/md5sums
            printf '%s\\n' 'Package: workload' "Version: $1" 'Architecture: all' 'Description: made for a test' \\
                'Maintainer: nobody <nobody@example.org>' >DEBIAN/control
            cd ..
            dpkg-deb --build package package.deb
            dpkg --install package.deb
            systemctl daemon-reload
            rm -r "$PWD"
            """

        private static let mount = """
            mkdir -p /mnt/memory /mnt/bound
            while :; do
                mount -t tmpfs none /mnt/memory
                mount --bind /etc /mnt/bound
                sleep .1
                umount /mnt/bound /mnt/memory
            done
            """
    }
}

extension SystemdNode {
    /// Runs a script as the node's own people do: what a test starts itself comes from outside of the node.
    fileprivate func onNode(_ script: String, _ words: String...) throws {
        try succeed(["systemd-run", "-q", "--wait", "sh", "-ec", script, "node"] + words)
    }

    /// The same as a unit that is not waited for.
    fileprivate func start(_ unit: String, _ script: String, _ words: String...) throws {
        try succeed(["systemd-run", "-q", "--unit", unit, "sh", "-ec", script, "node"] + words)
    }
}
