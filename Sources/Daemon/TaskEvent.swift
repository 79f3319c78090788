import Findings
import NodeModel

/// What a task did, to be judged by whose container it is.
enum TaskEvent {
    case change(NamespaceChange)
    case act(TaskAct)
    /// A change of a file; of its writer is known what was when it was heard of.
    case write(FileEvent, by: LineageTask)

    var time: UInt64 {
        switch self {
        case .change(let change): change.time
        case .act(let act): act.time
        case .write(let event, _): event.time
        }
    }

    var task: LineageTask {
        get {
            switch self {
            case .change(let change): change.task
            case .act(let act): act.task
            case .write(_, let writer): writer
            }
        }
        set {
            switch self {
            case .change(var change):
                change.task = newValue
                self = .change(change)
            case .act(var act):
                act.task = newValue
                self = .act(act)
            case .write(let event, _):
                self = .write(event, by: newValue)
            }
        }
    }

    func judgement(in index: NodeIndex) -> EntryJudgement {
        switch self {
        case .change(let change): EntryJudgement(of: change, in: index)
        case .act(let act): EntryJudgement(of: act, in: index)
        case .write(let event, let writer): EntryJudgement(of: event, by: writer, in: index)
        }
    }

    /// Where it is counted if nobody can be told to have done it.
    var unattributed: WritableKeyPath<DaemonCounts, UInt64> {
        switch self {
        case .change, .act: \.unattributedChanges
        case .write: \.unattributedWrites
        }
    }
}
