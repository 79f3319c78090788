import Foundation

/// The JSON Schema validator of the machine that runs the tests.
package enum Python {
    package static let hasJSONSchema = (try? run("import jsonschema; jsonschema.Draft202012Validator", [])) == ""

    /// What is wrong with a document, nothing if it follows the schema.
    package static func validate(_ document: String, _ schema: String) throws -> String {
        let program = """
            import json, sys, jsonschema
            schema, document = (json.loads(text) for text in sys.argv[1:3])
            jsonschema.Draft202012Validator.check_schema(schema)
            for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
                print(error.json_path, error.message[:200])
            """
        return try run(program, [schema, document])
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-W", "ignore", "-c", program] + arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
