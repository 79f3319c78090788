import Findings
import NodeModel

/// What a task did, to be judged by whose container it is.
enum TaskEvent {
    case change(NamespaceChange)
    case act(TaskAct)

    var time: UInt64 {
        switch self {
        case .change(let change): change.time
        case .act(let act): act.time
        }
    }

    var task: LineageTask {
        get {
            switch self {
            case .change(let change): change.task
            case .act(let act): act.task
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
            }
        }
    }

    func judgement(in index: NodeIndex) -> EntryJudgement {
        switch self {
        case .change(let change): EntryJudgement(of: change, in: index)
        case .act(let act): EntryJudgement(of: act, in: index)
        }
    }
}
