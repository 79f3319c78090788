import ArgumentParser

@main
struct Breakoutd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "breakoutd",
        abstract: "Finds containers that share state with this node, run privileged or have broken out of it.",
        discussion: """
            breakoutd compares what every pod was given with what its processes really share with the node. It needs \
            root, no kernel module and no network.
            """,
        version: Version.current,
        subcommands: [ScanCommand.self, ExplainCommand.self])
}

enum Version {
    static let current = "0.1.0"
}
