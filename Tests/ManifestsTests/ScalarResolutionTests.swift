import Manifests
import Testing

/// The values are what `yaml.YAMLToJSON` of sigs.k8s.io/yaml makes of the texts.
struct ScalarResolutionTests {
    @Test(arguments: [
        ("yes", "true"), ("Yes", "true"), ("YES", "true"), ("yEs", "'yEs'"), ("y", "true"), ("N", "false"),
        ("on", "true"), ("Off", "false"), ("true", "true"), ("TRUE", "true"), ("tRUE", "'tRUE'"), ("no", "false"),
        ("\"yes\"", "'yes'"), ("'true'", "'true'"), ("|\n  yes", "'yes'"), ("!!str yes", "'yes'"),
        ("!!bool \"yes\"", "true"), ("~", "null"), ("", "null"), ("null", "null"), ("Null", "null"), ("nULL", "'nULL'"),
        ("''", "''"), ("!!null ''", "null"),
        ("0", "0"), ("-0", "0"), ("+7", "7"), ("010", "8"), ("-010", "-8"), ("0o10", "8"), ("0x1F", "31"),
        ("-0x1f", "-31"), ("0b101", "5"), ("1_000", "1000"), ("08", "number 8.0"), ("0x", "'0x'"), ("0xg", "'0xg'"),
        ("--1", "'--1'"), ("+-1", "'+-1'"), ("0x-1", "'0x-1'"), ("[-]", "['-']"), ("+", "'+'"),
        ("1e3", "number 1000.0"),
        ("1.5", "number 1.5"), (".5", "number 0.5"), ("5.", "number 5.0"), (".", "'.'"), ("1e", "'1e'"),
        ("1.2.3", "'1.2.3'"), ("100m", "'100m'"), ("12:30", "'12:30'"), ("2001-01-01", "'2001-01-01'"),
        ("9223372036854775807", "9223372036854775807"), ("9223372036854775808", "number 9.223372036854776e+18"),
        ("-9223372036854775808", "-9223372036854775808"), (".inf", "number inf"), ("-.INF", "number -inf"),
        (".NaN", "number nan"), ("1e999", "'1e999'"), ("!!float 1", "number 1.0"), ("!own x", "'x'"), ("! 1", "'1'"),
        ("\"a\\u00e9\\/\"", "'aé/'"), ("<<", "'<<'"), ("[<<]", "['<<']"),
        ("!!binary aGk=", "'hi'"), ("!!binary ''", "''"), ("!!binary \"eWVz\"", "'yes'"),
        ("!!binary |\n  8J+Y\n  gA==\n", "'😀'"), ("!!binary /w==", "'\u{FFFD}'"),
    ])
    func resolves(_ source: String, _ expected: String) {
        let reading = Reading("--- " + source)
        #expect(reading.errors == [])
        #expect(reading.roots.map { text($0) } == [expected])
    }

    @Test(arguments: [
        ("!!int x", "the value is no !!int"), ("!!bool 1", "the value is no !!bool"),
        ("!!binary x", "the value is no !!binary: not in base64"),
        ("!!binary aGk", "the value is no !!binary: not in base64"),
        ("!!binary a Gk=", "the value is no !!binary: not in base64"),
        ("!!set x", "the tag !!set is not supported"),
    ])
    func refusesTags(_ source: String, _ reason: String) {
        #expect(Reading(source).errors == ["f: document 1, line 1: \(reason)"])
    }
}
