package import Checks
package import NodeModel
import PodSecurity

/// The forms of a list of pods.
package enum PodsFormat: String, Sendable, CaseIterable {
    case table, json
}

/// The pods of a node, declared beside actual.
package struct PodsReport: Sendable {
    package let reviews: [PodReview]
    private let node: Node
    private let width: Int

    static let schema = "breakoutd-pods/1"

    /// - Parameter reviews: those of the node's pods.
    package init(_ node: Node, _ reviews: [PodReview], width: Int) {
        self.node = node
        self.reviews = reviews
        self.width = width
    }

    /// 1 where a pod has what it did not declare, or lacks what it did; 3 where something could not be told.
    package var exitCode: Int32 {
        if reviews.contains(where: \.isDifferent) { return 1 }
        return node.gaps.isEmpty && reviews.allSatisfy(\.isAsDeclared) ? 0 : 3
    }

    package func text(_ format: PodsFormat) throws(ReportError) -> String {
        switch format {
        case .table: table
        case .json: try json() + "\n"
        }
    }

    private func json() throws(ReportError) -> String {
        let api = node.apiPods.map { JSONReport.api($0, node) } ?? .null
        return try JSONText.encode(
            .object([
                "schema": .text(Self.schema), "node": JSONValue(node.host.name),
                "scannedAt": .text(Timestamp.rfc3339(milliseconds: node.takenAt)), "api": api,
                "pods": .array(reviews.map(Self.value)), "gaps": .array(node.gaps.map(JSONReport.gap)),
            ]))
    }

    private static func value(_ review: PodReview) -> JSONValue {
        .object([
            "namespace": JSONValue(review.identity.namespace), "name": JSONValue(review.identity.name),
            "uid": JSONValue(review.identity.uid),
            "owner": review.owner.map { .object(["kind": .text($0.kind), "name": .text($0.name)]) } ?? .null,
            "state": .text(review.state.rawValue), "declared": JSONValue(review.declaredLevel?.rawValue),
            "actual": JSONValue(review.actualLevel?.rawValue),
            "differences": .array(
                review.differences.map { difference in
                    .object([
                        "container": .text(difference.container), "item": .text(difference.item.field.description),
                        "declared": JSONValue(difference.item.declared), "actual": JSONValue(difference.item.actual),
                        "verdict": .text(difference.item.verdict.rawValue),
                    ])
                }),
        ])
    }
}

extension PodsReport {
    /// One line a pod, its differences below each other.
    private var table: String {
        let titles = [["POD", "OWNER", "DECLARED", "ACTUAL"]]
        let rows =
            titles
            + reviews.map { review in
                [
                    TerminalText.escaped(review.identity.displayName),
                    TerminalText.escaped(review.owner.map { "\($0.kind)/\($0.name)" } ?? "-"),
                    review.declaredLevel?.rawValue ?? "unknown", review.actualLevel?.rawValue ?? "unknown",
                ]
            }
        let widths = (0..<4).map { column in rows.map { DisplayWidth.of($0[column]) }.max() ?? 0 }
        let head = widths.reduce(0) { $0 + $1 + 2 }
        // Where the columns leave no room for sentences, these stand below.
        let isWide = width - head >= 30
        var lines = [line(rows[0], widths) + (isWide ? "DIFFERENCES" : "")]
        for (row, review) in zip(rows.dropFirst(), reviews) {
            let sentences = review.sentences
            let text = sentences.isEmpty ? "-" : TerminalText.escaped(sentences.joined(separator: "; "))
            if isWide {
                lines += LineWrap.hanging(line(row, widths), indent: head, text, width: width)
            } else {
                lines += [line(row, widths)] + LineWrap.hanging("", indent: 4, text, width: width)
            }
        }
        return (lines + foot).map { line in line.trimmingSuffix { $0 == " " } + "\n" }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        zip(cells, widths).map { cell, width in
            cell + String(repeating: " ", count: max(width - DisplayWidth.of(cell), 0) + 2)
        }.joined()
    }

    private var foot: [String] {
        let sentence = node.apiFailure ?? node.apiSentence
        return sentence.map { LineWrap.lines(TerminalText.escaped($0), width: width) } ?? []
    }
}

extension PodReview {
    /// Something is not as it was declared; what nothing on the node shows is no difference.
    package var isDifferent: Bool {
        state == .gone || state == .unknownContainer || differences.contains { $0.item.verdict != .unknown }
    }

    /// What is not as declared, or not known to be, unescaped.
    var sentences: [String] {
        let state: [String] =
            switch self.state {
            case .known: []
            case .gone: ["the API does not have this pod"]
            case .unknownContainer: ["the API does not know one of its containers"]
            case .unknown: ["the API did not tell"]
            }
        return state
            + differences.map { difference in
                let item = difference.item
                let values = "\(item.declared ?? "unset") → \(item.actual ?? "unknown")"
                return "\(difference.container): \(item.field) \(values) (\(item.verdict.rawValue))"
            }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isCut: (Character) -> Bool) -> Substring {
        guard let last = lastIndex(where: { !isCut($0) }) else { return "" }
        return self[...last]
    }
}
