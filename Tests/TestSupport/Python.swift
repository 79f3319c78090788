import Foundation

/// Validators of the machine that runs the tests.
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

    /// What is wrong with a page that is to load nothing and run nothing: elements that are not closed, unknown elements
    /// and attributes, ids that are not unique, links that lead elsewhere or nowhere; nothing if it is as it should be.
    package static func validatePage(_ page: String) throws -> String { try run(pageValidator, [], input: page) }

    private static let pageValidator = """
        import re, sys
        from html.parser import HTMLParser

        EMPTY = {"meta", "br"}
        ATTRIBUTES = {
            "html": {"lang"}, "meta": {"charset", "http-equiv", "name", "content"}, "a": {"href"}, "time": {"datetime"},
            "th": {"scope"}, "nav": {"aria-label"}, "section": {"aria-labelledby"}, "table": {"aria-labelledby"},
            "div": {"role", "aria-labelledby", "tabindex"},
        }
        ELEMENTS = EMPTY | set(ATTRIBUTES) | set(
            "head title style body header main footer h1 h2 h3 h4 p strong b em small span code bdi ul li dl dt dd"
            " article thead tbody tr td".split())
        POLICY = "default-src 'none'; style-src 'unsafe-inline'"

        class Page(HTMLParser):
            def __init__(self):
                super().__init__()
                self.open, self.ids, self.wanted, self.level, self.policies = [], [], [], 0, []

            def handle_decl(self, text):
                if text != "DOCTYPE html" or self.getpos() != (1, 0): self.say("declaration " + text)

            def handle_comment(self, text): self.say("comment")
            def handle_pi(self, text): self.say("instruction")
            def say(self, text): print(self.getpos(), text)

            def handle_starttag(self, tag, attributes):
                if tag not in ELEMENTS: self.say("element " + tag)
                names = [name for name, _ in attributes]
                if len(set(names)) < len(names): self.say("attribute twice")
                for name, value in attributes:
                    if name not in ATTRIBUTES.get(tag, set()) | {"id", "class"}: self.say(f"attribute {tag} {name}")
                    if not value: self.say(f"no value {tag} {name}")
                    if name == "id": self.ids.append(value)
                    if name == "aria-labelledby": self.wanted.append(value)
                    if name == "href":
                        if value[:1] != "#": self.say("link " + value)
                        self.wanted.append(value[1:])
                if tag == "meta" and "http-equiv" in names: self.policies.append(dict(attributes))
                if tag == "th" and "scope" not in names: self.say("heading without scope")
                if re.fullmatch("h[1-6]", tag):
                    if int(tag[1]) > self.level + 1: self.say("level skipped " + tag)
                    self.level = int(tag[1])
                if tag not in EMPTY: self.open.append(tag)

            def handle_startendtag(self, tag, attributes): self.say("closes itself " + tag)

            def handle_endtag(self, tag):
                if not self.open or self.open.pop() != tag: self.say("end of " + tag)

            def handle_data(self, text):
                for character in text:
                    if ord(character) < 32 and character != "\\n": self.say(f"character {ord(character)}")
                if self.open[-1:] == ["style"] and re.search(r"url|import|[<\\\\]", text): self.say("style")
                if self.open[-1:] in ([], ["tr"], ["table"], ["dl"], ["ul"]) and text.strip(): self.say("text " + text)

        page = Page()
        page.feed(sys.stdin.buffer.read().decode("utf-8", "strict"))
        page.close()
        if page.open: print("not closed", page.open)
        if len(set(page.ids)) < len(page.ids): print("ids", sorted(page.ids))
        for id in page.wanted:
            if id not in page.ids: print("nothing has the id", id)
        if page.policies != [{"http-equiv": "Content-Security-Policy", "content": POLICY}]: print(page.policies)
        """

    private static func run(_ program: String, _ arguments: [String], input: String = "") throws -> String {
        let process = Process()
        let standardInput = Pipe()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-W", "ignore", "-c", program] + arguments
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = output
        try process.run()
        // What is longer than a pipe holds is read before anything is answered.
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
