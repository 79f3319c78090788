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
                case "$4 $5 $6" in
                '-f -- /usr/bin/a')
                    echo a-1-1.x86_64; echo a-1-1.x86_64; echo 'file /x is not owned by any package'
                    echo 'b-1-1.x86_64' >&2; exit 2 ;;
                '-- a-1-1.x86_64 ') printf '/usr/bin/a\t0100755\tab12\t\n' ;;
                *) exit 1 ;;
                esac
                """#)
            let paths = ["/usr/bin/a", "/x", "/failed"]
            let answer = RPMPackages(program: program).answer(of: paths, until: Self.deadline)
            #expect(answer?.unowned == ["/x"])
            let record = try #require(answer?.records["/usr/bin/a"])
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
            let answer = RPMPackages(program: program).answer(of: ["/usr/sbin/mount.efs"], until: Self.deadline)
            let expected = content.map { ["/usr/sbin/mount.efs": RPMPackages.Record(content: $0, permissions: 0o755)] }
            #expect(answer == RPMPackages.Answer(records: expected ?? [:]))
        }
    }

    /// rpm writes the names of files as they are: none is to be taken for a package, and none for an option.
    @Test(arguments: [
        ("/home/u/.ssh/x\n--eval=%(id>pwn)\ny", true), ("/home/u/.ssh/x\nother-1-1.x86_64\ny", true),
        ("/home/u/.ssh/\u{7F}", true), ("/home/u/.ssh/x\t", true), ("--eval=%(id>pwn)", false),
        ("/home/u/.ssh/x y", false), ("/home/u/.ssh/ä\u{85}", false),
    ])
    func rpmAskedOfAnybodysFile(path: String, isLeftOut: Bool) throws {
        try TemporaryDirectory.with { directory in
            let program = try directory.program(
                "rpm",
                #"""
                #!/bin/sh
                shift 3
                printf '%s|' "$@" >>"${0%/*}/asked"
                [ "$1" = -f ] || exec printf '/usr/bin/a\t0100755\tab12\t\n'
                shift 2
                printf '%s\n' -a a-1-1.x86_64 --eval=x .b-1-1.x86_64 c-1-1.x86:64 'package d' ''
                for path; do printf 'file %s is not owned by any package\n' "$path"; done
                exit 1
                """#)
            let answer = RPMPackages(program: program).answer(of: ["/usr/bin/a", path], until: Self.deadline)
            let record = RPMPackages.Record(content: "ab12", permissions: 0o755)
            #expect(answer?.records == ["/usr/bin/a": record] && answer?.unowned.contains(path) == true)
            let asked = try BoundedFile.read(path: "\(directory.path)/asked", limit: 1000)
            let other = isLeftOut ? "" : "\(path)|"
            #expect(String(decoding: asked, as: UTF8.self) == "-f|--|/usr/bin/a|\(other)--|a-1-1.x86_64|")
        }
    }

    /// Of a file of which rpm says nothing, nothing is known; nor of any where it does not tell of a package.
    @Test(arguments: [
        ("echo 'file /usr/bin/a is not owned by any package'; exit 1", ["/usr/bin/a": noPackage]), ("exit 1", [:]),
        (":", [:]), ("echo a-1-1.x86_64", [:]), ("echo 'file /usr/bin/a: No such file or directory'; exit 1", [:]),
    ])
    func rpmThatFails(script: String, verdicts: [String: PackageDatabase.Verdict]) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("etc/os-release", "ID=amzn\n")
            let program = try directory.program(
                "rpm", "#!/bin/sh\nif [ $4 != -f ]; then echo 'package a is not installed'; exit 1; fi\n\(script)\n")
            let database = PackageDatabase(root: directory.path, rpm: RPMPackages(program: program))
            #expect(database.verdicts(of: [file("/usr/bin/a")], until: Self.deadline) == verdicts)
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
                    shift 4
                    for name; do printf "/$name\t0100755\tab12\t\n"; done
                    exit
                fi
                shift 5
                [ $# -le 500 ] && for path; do echo "${path#/}"; done
                """#)
            let paths = (0..<1234).map { "/f\($0)" }
            let answer = try #require(RPMPackages(program: program).answer(of: paths, until: Self.deadline))
            #expect(Set(answer.records.keys) == Set(paths))
        }
    }

    /// A program that others may write to, and one that does not end, say nothing.
    @Test func rpmThatIsNotToBeAsked() throws {
        try TemporaryDirectory.with { directory in
            let program = try directory.program("rpm", "#!/bin/sh\nexec sleep 60\n")
            let soon = Deadline(secondsFromNow: 0.2)
            #expect(RPMPackages(program: program).answer(of: ["/x"], until: soon) == nil)
            #expect(RPMPackages(program: "/absent/rpm").answer(of: ["/x"], until: Self.deadline) == nil)
        }
    }
}
