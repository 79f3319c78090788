import Foundation

/// The folder of shared test data.
package enum SharedFolder {
    /// Named by `BREAKOUTD_SHARED`, or beside the package.
    package static let root =
        ProcessInfo.processInfo.environment["BREAKOUTD_SHARED"]
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared").path

    /// The paths of a folder's files with an extension, in their order; empty where the folder is not here.
    package static func files(_ folder: String, _ pathExtension: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        return names.filter { $0.hasSuffix(".\(pathExtension)") }.sorted().map { "\(root)/\(folder)/\($0)" }
    }
}

/// One of the cases from public bug reports: its inputs and right answers are read where they lie.
package struct SharedCase: Sendable {
    /// The folder of every case.
    package static let root = SharedFolder.root + "/cases"

    /// Whether the cases are here at all.
    package static var isAvailable: Bool { FileManager.default.fileExists(atPath: root + "/README.md") }

    private let folder: String

    package init(_ name: String) { folder = Self.root + "/" + name }

    /// The bytes of one input.
    package func bytes(_ file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file)))
    }

    /// The lines of one input.
    package func lines(_ file: String) throws -> [String] {
        String(decoding: try bytes(file), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// An input that is JSON.
    package func decode<Value: Decodable>(_ file: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(try bytes(file)))
    }

    /// The right answers.
    package func answers<Answer: Decodable>(as type: Answer.Type) throws -> [Answer] {
        try decode("expect.json", as: Expectation<Answer>.self).answers
    }

    private struct Expectation<Answer: Decodable>: Decodable { var answers: [Answer] }
}
