import TestSupport
import Testing

@testable import NodeFiles

@Suite struct PackageManagerTests {
    static let releases: [(release: String, manager: PackageManager?)] = [
        ("NAME=\"Amazon Linux\"\nID=\"amzn\"\nID_LIKE=\"fedora\"\n", .rpm),
        ("ID=\"amzn\"\nID_LIKE=\"centos rhel fedora\"", .rpm), ("ID=debian", .dpkg), ("ID='debian'\n", .dpkg),
        ("ID=ubuntu\nID_LIKE=debian\n", .dpkg), ("ID=pop\nID_LIKE=\"ubuntu debian\"\n", .dpkg),
        ("ID=rocky\nID_LIKE=\"rhel centos fedora\"\n", .rpm), ("ID=bottlerocket\n", nil), ("", nil),
        ("VARIANT_ID=debian\n#ID=debian\nXID=debian\n", nil), ("ID=\u{0}debian", nil), ("ID=debianish", nil),
    ]

    @Test(arguments: releases)
    func release(_ release: String, manager: PackageManager?) {
        #expect(PackageManager(release: Array(release.utf8)) == manager)
    }

    /// The first file that can be read counts, through a link on the node; one that leads nowhere is none.
    @Test func releaseFile() throws {
        try TemporaryDirectory.with { directory in
            func manager() -> PackageManager? { PackageManager(root: directory.path) }
            #expect(manager() == nil)
            try directory.file("usr/lib/os-release", "ID=amzn\n")
            #expect(manager() == .rpm)
            try directory.link("etc/os-release", to: "/usr/lib/os-release")
            #expect(manager() == .rpm)
            try directory.remove("etc/os-release")
            try directory.file("etc/os-release", "ID=debian\n")
            #expect(manager() == .dpkg)
            try directory.remove("etc/os-release")
            try directory.fifo("etc/os-release")
            #expect(manager() == .rpm)
        }
    }
}
