import ArgumentParser
import Checks
import Findings
import NodeModel
import NodeSnapshot

struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "scan", abstract: "x")
    @Option var root = "/"
    @Option var save: String?
    func run() throws {
        let node = SnapshotBuilder(SnapshotOptions(root: root)).buildConfirmed { node in
            Suspects(tasks: Judgement(of: node).tasksInAction)
        }
        if let save { try NodeFile.save(node, to: save) }
        for f in Judgement(of: node).findings { print(f.severity, f.technique.id, f.pod?.displayName ?? "-", f.container?.name ?? f.container?.id ?? "-", f.declared.rawValue, "|", f.detail) }
        print(
            "tasks \(node.tasks.count) containers \(node.containers.count) cgroups \(node.cgroups.count) gaps \(node.gaps) duration \(node.duration) ended \(node.endedWhileRead)"
        )
    }
}
