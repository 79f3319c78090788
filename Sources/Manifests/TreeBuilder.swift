import CYAML

/// Builds the tree of each document from events, without recursion, and counts what aliases and merge keys repeat.
struct TreeBuilder {
    /// What is wrong, without the file's name and the document's number.
    struct Failure: Error {
        let line: Int
        let reason: String
        /// The whole file is over, not the document alone.
        var isFinal = false
    }

    /// What a node takes with all that is below it.
    fileprivate struct Cost {
        var nodes = 1
        var text = 0
        var depth = 0
    }

    /// A mapping or sequence that is not closed yet.
    fileprivate struct Frame {
        let line: Int
        let column: Int
        let anchor: String?
        let isMapping: Bool
        var elements: [ManifestNode] = []
        var entries: [ManifestNode.Entry] = []
        var positions: [String: Int] = [:]
        /// Those of `entries` that a merge key gave and that no key of the mapping has replaced.
        var merged: Set<String> = []
        var key: Key?
        var cost = Cost()
    }

    fileprivate enum Key {
        case plain(String, line: Int)
        case merge
    }

    private enum Anchored {
        case open
        case node(ManifestNode, Cost)
    }

    private let limits: ManifestLimits
    /// Lines of the file before the text that the events are of.
    var linesBefore = 0
    private var frames: [Frame] = []
    private var anchors: [String: Anchored] = [:]
    private var root: ManifestNode?
    private var nodes = 0
    private var text = 0

    init(limits: ManifestLimits) { self.limits = limits }

    /// The rest of a document whose start was read; ends at its end.
    mutating func document(_ events: inout YAMLEvents) throws(Failure) -> ManifestNode? {
        frames = []
        anchors = [:]
        root = nil
        while true {
            events.advance()
            switch events.kind {
            case CYAML_DOCUMENT_END, CYAML_STREAM_END: return root
            case CYAML_ALIAS: try addAlias(events)
            case CYAML_SCALAR: try addScalar(events)
            case CYAML_SEQUENCE_START, CYAML_MAPPING_START: try open(events)
            case CYAML_SEQUENCE_END, CYAML_MAPPING_END: try close()
            default: throw events.failure
            }
        }
    }

    private mutating func open(_ events: borrowing YAMLEvents) throws(Failure) {
        guard frames.count < limits.depth else {
            throw Failure(line: events.line, reason: "more than \(limits.depth) levels within each other")
        }
        let anchor = events.anchor
        if let anchor { anchors[anchor] = .open }
        frames.append(
            Frame(
                line: events.line, column: events.column, anchor: anchor,
                isMapping: events.kind == Int(CYAML_MAPPING_START)))
    }

    private mutating func close() throws(Failure) {
        guard let frame = frames.popLast() else { return }
        let content: ManifestNode.Content = frame.isMapping ? .mapping(frame.entries) : .sequence(frame.elements)
        let node = ManifestNode(content: content, line: frame.line, column: frame.column)
        if let anchor = frame.anchor { anchors[anchor] = .node(node, frame.cost) }
        try count(Cost(), line: frame.line)
        try place(node, frame.cost)
    }

    private mutating func addScalar(_ events: borrowing YAMLEvents) throws(Failure) {
        let line = events.line
        let text = events.text
        let isPlain = events.event.is_plain != 0
        let tag = events.tag
        let cost = Cost(text: events.event.length)
        try count(cost, line: line)
        let isMergeTag = tag == "tag:yaml.org,2002:merge"
        if text == "<<", isMergeTag || (isPlain && tag == nil), let last = frames.indices.last,
            frames[last].isMapping, frames[last].key == nil
        {
            frames[last].key = .merge
            return
        }
        let content: ManifestNode.Content
        do throws(ManifestNode.Content.UnresolvedTag) {
            content = isMergeTag ? .string(text) : try .init(scalar: text, isPlain: isPlain, tag: tag)
        } catch {
            throw Failure(line: line, reason: error.reason)
        }
        let node = ManifestNode(content: content, line: line, column: events.column)
        if let anchor = events.anchor { anchors[anchor] = .node(node, cost) }
        try place(node, cost)
    }

    private mutating func addAlias(_ events: borrowing YAMLEvents) throws(Failure) {
        switch events.anchor.flatMap({ anchors[$0] }) {
        case nil: throw Failure(line: events.line, reason: "an alias without an anchor before it")
        case .open: throw Failure(line: events.line, reason: "an alias within what it stands for")
        case .node(let node, let cost):
            try count(cost, line: events.line)
            guard frames.count + cost.depth <= limits.depth else {
                throw Failure(line: events.line, reason: "more than \(limits.depth) levels within each other")
            }
            try place(node, cost)
        }
    }

    private mutating func count(_ cost: Cost, line: Int) throws(Failure) {
        nodes += cost.nodes
        text += cost.text
        if nodes > limits.nodes {
            let reason = "more than \(limits.nodes) values, counting those that aliases and merge keys repeat"
            throw Failure(line: line, reason: reason, isFinal: true)
        }
        if text > limits.text {
            let reason = "more than \(limits.text) bytes of text, counting what aliases and merge keys repeat"
            throw Failure(line: line, reason: reason, isFinal: true)
        }
    }

    /// Puts a finished node where it belongs: the document's root, an element, a key or a value.
    private mutating func place(_ node: ManifestNode, _ cost: Cost) throws(Failure) {
        guard let last = frames.indices.last else {
            root = node
            return
        }
        frames[last].cost.nodes += cost.nodes
        frames[last].cost.text += cost.text
        frames[last].cost.depth = max(frames[last].cost.depth, cost.depth + 1)
        guard frames[last].isMapping else {
            frames[last].elements.append(node)
            return
        }
        switch frames[last].key {
        case nil: frames[last].key = .plain(try Self.keyText(node), line: node.line)
        case .plain(let key, let line):
            frames[last].key = nil
            try frames[last].set(key, line, node)
        case .merge:
            frames[last].key = nil
            try frames[last].merge(node)
        }
    }

    /// Keys that are no strings become such, as on their way to JSON (sigs.k8s.io/yaml).
    private static func keyText(_ node: ManifestNode) throws(Failure) -> String {
        switch node.content {
        case .string(let text): return text
        case .boolean(let value): return "\(value)"
        case .integer(let value): return "\(value)"
        case .number(let value): return "\(value)"
        case .null, .sequence, .mapping:
            let reason = "a key must be a string, found \(node.summary(showingValue: false))"
            throw Failure(line: node.line, reason: reason)
        }
    }
}

extension TreeBuilder.Frame {
    /// An entry of the mapping itself; it replaces one that was merged before it.
    fileprivate mutating func set(_ key: String, _ line: Int, _ value: ManifestNode) throws(TreeBuilder.Failure) {
        if index(of: key) != nil, merged.remove(key) == nil {
            let name = key.count > 60 ? key.prefix(60) + "…" : key
            throw TreeBuilder.Failure(line: line, reason: "the key \"\(name)\" is there twice in one mapping")
        }
        put(ManifestNode.Entry(key: key, keyLine: line, value: value))
    }

    /// Entries of other mappings: as in goyaml.v2 they replace what is there, and of a list the first has precedence.
    fileprivate mutating func merge(_ value: ManifestNode) throws(TreeBuilder.Failure) {
        let sources = value.entries.map { _ in [value] } ?? value.elements ?? []
        guard value.entries != nil || value.elements != nil, sources.allSatisfy({ $0.entries != nil }) else {
            throw TreeBuilder.Failure(
                line: value.line, reason: "a merge key (<<) takes a mapping or a list of mappings")
        }
        for source in sources.reversed() {
            for entry in source.entries ?? [] {
                if index(of: entry.key) == nil { merged.insert(entry.key) }
                put(entry)
            }
        }
    }

    /// Mappings are small as a rule: a table of positions is kept for larger ones only.
    private func index(of key: String) -> Int? {
        positions.isEmpty ? entries.firstIndex { $0.key == key } : positions[key]
    }

    private mutating func put(_ entry: ManifestNode.Entry) {
        if let index = index(of: entry.key) {
            entries[index] = entry
            return
        }
        entries.append(entry)
        if !positions.isEmpty {
            positions[entry.key] = entries.count - 1
        } else if entries.count > 16 {
            for (index, entry) in entries.enumerated() { positions[entry.key] = index }
        }
    }
}
