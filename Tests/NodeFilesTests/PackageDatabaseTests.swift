import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeFiles

@Suite struct PackageDatabaseTests {
    private static let deadline = Deadline(secondsFromNow: 60)

    private func file(_ path: String, sha256: String? = "", permissions: UInt32 = 0o755) -> PlacedFile {
        PlacedFile(path: path, kind: .regular, permissions: permissions, sha256: sha256)
    }

    /// `abc` has the MD5 sum of RFC 1321.
    private func makeDebian(_ directory: TemporaryDirectory) throws {
        let sum = "900150983cd24fb0d6963f7d28e17f72"
        try directory.file("usr/lib/os-release", "NAME=x\nID=debian\n")
        try directory.link("etc/os-release", to: "../usr/lib/os-release")
        try directory.file(
            "var/lib/dpkg/status",
            """
            Package: a
            Conffiles:
             /etc/a.conf \(sum)
             /etc/old \(sum) obsolete
             /etc/new newconffile
            Section: x

            """)
        try directory.file(
            "var/lib/dpkg/info/a.md5sums", "\(sum)  usr/bin/abc\n\(sum)  usr/bin/changed\nshort\n")
        try directory.file("var/lib/dpkg/info/b.md5sums", "\(sum)  lib/systemd/system/b.service\n")
        try directory.file("var/lib/dpkg/info/b.list", "/usr/bin/listed\n")
        for name in ["usr/bin/abc", "etc/a.conf", "usr/lib/systemd/system/b.service", "etc/old"] {
            try directory.file(name, "abc")
        }
        try directory.file("usr/bin/changed", "abd")
    }

    private static let noPackage = PackageDatabase.Verdict.none

    static let debian: [(path: String, permissions: UInt32, verdict: PackageDatabase.Verdict?)] = [
        ("/usr/bin/abc", 0o755, .same), ("/usr/bin/changed", 0o755, .other), ("/usr/bin/unknown", 0o755, noPackage),
        ("/usr/bin/listed", 0o755, noPackage), ("/etc/a.conf", 0o644, .same), ("/etc/old", 0o644, .same),
        ("/etc/new", 0o644, noPackage), ("/usr/lib/systemd/system/b.service", 0o644, .same),
        ("/usr/bin/abc", 0o4755, .sameContent), ("/usr/bin/abc", 0o2755, .sameContent),
        ("/usr/bin/abc", 0o757, .sameContent), ("/usr/bin/abc", 0o775, .sameContent),
        ("/usr/bin/changed", 0o4755, .other),
    ]

    @Test(arguments: debian)
    func dpkg(path: String, permissions: UInt32, verdict: PackageDatabase.Verdict?) throws {
        try TemporaryDirectory.with { directory in
            try makeDebian(directory)
            let database = PackageDatabase(root: directory.path)
            let file = file(path, permissions: permissions)
            #expect(database.verdicts(of: [file], until: Self.deadline)[path] == verdict)
        }
    }

    @Test func withoutDatabase() throws {
        try TemporaryDirectory.with { directory in
            let database = PackageDatabase(root: directory.path)
            #expect(database.verdicts(of: [file("/usr/bin/abc")], until: Self.deadline) == [:])
            #expect(database.statuses == [])
        }
    }

    /// What was not hashed is, where a package has it.
    @Test func rpmRecordOfAFileThatWasNotRead() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("usr/bin/a", "abc")
            let node = try Descriptor.open(directory.path, LinuxFlags.path)
            let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            for (content, verdict) in [
                (abc, PackageDatabase.Verdict.same), (String(abc.reversed()), .other),
                ("900150983cd24fb0d6963f7d28e17f72", nil),
            ] {
                let record = RPMPackages.Record(content: content, permissions: 0o755)
                #expect(record.verdict(of: file("/usr/bin/a", sha256: nil), below: node) == verdict)
            }
            let link = PlacedFile(path: "/usr/bin/l", kind: .link, target: "bash")
            #expect(RPMPackages.Record(content: "bash", permissions: 0o777).verdict(of: link, below: node) == .same)
            #expect(RPMPackages.Record(content: "sh", permissions: 0o777).verdict(of: link, below: node) == .other)
        }
    }

    @Test(arguments: [
        ("ID=debian", "var/lib/dpkg/lock", "var/lib/dpkg/status"),
        ("ID=amzn", "var/lib/rpm/.rpm.lock", "var/lib/rpm/rpmdb.sqlite-wal"),
    ])
    func managerAtWork(release: String, lock: String, databaseFile: String) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("etc/os-release", release)
            let database = PackageDatabase(root: directory.path)
            #expect(!database.isChanging(since: .max))
            try directory.file(lock)
            #expect(!database.isChanging(since: .max))
            let held = try FileLock("\(directory.path)/\(lock)")
            #expect(database.isChanging(since: .max))
            _ = consume held
            #expect(!database.isChanging(since: .max))
            try directory.remove(lock)
            try directory.fifo(lock)
            #expect(!database.isChanging(since: .max))
            // It was there in the meantime.
            #expect(!database.isChanging(since: 0))
            try directory.file(databaseFile)
            #expect(!database.isChanging(since: 0))
            try directory.file(databaseFile, "what was written")
            #expect(database.isChanging(since: 0))
        }
    }

    @Test func rpmOutput() {
        let output = """
            /usr/bin/a\t0100755\tab12\t
            /usr/bin/b\t0120777\t\tbash
            /usr/bin\t040755\t\t
            file /x is not owned by any package
            /usr/bin/c\tmode\tab12\t
            /usr/bin/d\t0100755\tab12
            """
        #expect(
            RPMPackages.parse(Array(output.utf8)) == [
                "/usr/bin/a": RPMPackages.Record(content: "ab12", permissions: 0o755),
                "/usr/bin/b": RPMPackages.Record(content: "bash", permissions: 0o777),
            ])
    }

    @Test func askingRPM() throws {
        try TemporaryDirectory.with { directory in
            let program = try directory.program(
                "rpm",
                #"""
                #!/bin/sh
                case "$4 $5" in
                '-f /usr/bin/a') echo a-1-1.x86_64; echo a-1-1.x86_64; echo 'file /x is not owned by any package' ;;
                'a-1-1.x86_64 ') printf '/usr/bin/a\t0100755\tab12\t\n' ;;
                esac
                exit 1
                """#)
            let records = RPMPackages(program: program).records(of: ["/usr/bin/a", "/x"], until: Self.deadline)
            let record = try #require(records?["/usr/bin/a"])
            let node = try Descriptor.open(directory.path, LinuxFlags.path)
            func verdict(_ sha256: String?, _ permissions: UInt32 = 0o755) -> PackageDatabase.Verdict? {
                record.verdict(of: file("/usr/bin/a", sha256: sha256, permissions: permissions), below: node)
            }
            #expect(verdict("ab12") == .same && verdict("ab12", 0o4755) == .other && verdict("ab13") == .other)
            // Digests of another kind, and a file that cannot be read.
            #expect(verdict("ab1234") == nil && verdict(nil) == nil)
        }
    }

    /// What a package has in /sbin is in /usr/sbin, and found there; a name in /usr goes before the other.
    @Test(arguments: [
        (#"/sbin/mount.efs\t0100755\tab12\t\n"#, "ab12"), (#"/usr/sbin/mount.efs\t0100755\tab12\t\n"#, "ab12"),
        (#"/sbin/mount.efs\t0100755\tab12\t\n/usr/sbin/mount.efs\t0100755\tab13\t\n"#, "ab13"),
        (#"/local/sbin/mount.efs\t0100755\tab12\t\n/mount.efs\t0100755\tab12\t\n"#, nil),
    ])
    func rpmPackageOfTheTimeBeforeUsrmerge(answer: String, content: String?) throws {
        try TemporaryDirectory.with { directory in
            let program = try directory.program(
                "rpm", "#!/bin/sh\nif [ \"$4\" = -f ]; then echo a-1-1.noarch; else printf '\(answer)'; fi\n")
            let records = RPMPackages(program: program).records(of: ["/usr/sbin/mount.efs"], until: Self.deadline)
            let expected = content.map { ["/usr/sbin/mount.efs": RPMPackages.Record(content: $0, permissions: 0o755)] }
            #expect(records == expected ?? [:])
        }
    }

    /// Of many files rpm is asked in several calls.
    @Test func askingRPMOfManyFiles() throws {
        try TemporaryDirectory.with { directory in
            let program = try directory.program(
                "rpm",
                #"""
                #!/bin/sh
                if [ "$4" != -f ]; then
                    shift 3
                    for name; do printf "/$name\t0100755\tab12\t\n"; done
                    exit
                fi
                shift 4
                [ $# -le 500 ] && for path; do echo "${path#/}"; done
                """#)
            let paths = (0..<1234).map { "/f\($0)" }
            let records = try #require(RPMPackages(program: program).records(of: paths, until: Self.deadline))
            #expect(Set(records.keys) == Set(paths))
        }
    }

    /// A program that others may write to, and one that does not end, say nothing.
    @Test func rpmThatIsNotToBeAsked() throws {
        try TemporaryDirectory.with { directory in
            let program = try directory.program("rpm", "#!/bin/sh\nexec sleep 60\n")
            let soon = Deadline(secondsFromNow: 0.2)
            #expect(RPMPackages(program: program).records(of: ["/x"], until: soon) == nil)
            #expect(RPMPackages(program: "/absent/rpm").records(of: ["/x"], until: Self.deadline) == nil)
        }
    }
}
