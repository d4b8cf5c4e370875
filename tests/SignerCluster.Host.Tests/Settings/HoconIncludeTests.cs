using SignerCluster.Host.Settings;
using SignerCluster.Host.Settings.Hocon;

namespace SignerCluster.Host.Tests.Settings;

/// <summary>Files that are put together from files, and what is refused by its name because it is not supported.</summary>
public sealed class HoconIncludeTests : IDisposable
{
    private readonly SettingsFolder _folder = new();

    [Fact]
    public void An_included_file_stands_where_it_is_included()
    {
        _folder.Write("b.conf", "x = 1, y = 2");
        Assert.Equal("""{"x":3,"y":2}""", _folder.Json("include \"b.conf\"\nx = 3"));
        Assert.Equal("""{"x":1,"y":2}""", _folder.Json("x = 3\ninclude required(\"b.conf\")"));
        Assert.Equal("""{"a":{"x":1,"y":2}}""", _folder.Json("a { include \"b.conf\" }"));
    }

    [Fact]
    public void A_name_starts_at_the_folder_of_the_file_that_includes()
    {
        _folder.Write("sub/b.conf", "include required(\"c.conf\")");
        _folder.Write("sub/c.conf", "x = 1");
        Assert.Equal("""{"x":1}""", _folder.Json("include required(\"sub/b.conf\")"));
    }

    [Fact]
    public void Substitutions_of_an_included_file_look_below_the_object_that_includes_it_and_then_from_the_root()
    {
        _folder.Write("b.conf", "x = 10, y = ${x}, z = ${outside}");
        Assert.Equal("""{"outside":5,"a":{"x":42,"y":42,"z":5}}""", _folder.Json("outside = 5\na { include \"b.conf\" }\na.x = 42"));
    }

    [Fact]
    public void A_file_that_is_not_there_counts_only_when_it_is_required()
    {
        Assert.Equal("""{"x":1}""", _folder.Json("include \"none.conf\"\nx = 1"));
        Assert.StartsWith("a.conf:2: none.conf cannot be read", _folder.Refusal("x = 1\ninclude required(\"none.conf\")"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_includes_itself_through_another_is_refused()
    {
        _folder.Write("b.conf", "\n\ninclude \"a.conf\"");
        Assert.Equal("b.conf:3: a.conf includes itself, directly or through others.", _folder.Refusal("include \"b.conf\""));
    }

    [Theory]
    [InlineData("include url(\"http://example.com/x\")", "include url(...) is not supported")]
    [InlineData("include classpath(\"x\")", "include classpath(...) is not supported")]
    [InlineData("include file(\"x\")", "include file(...) is not supported")]
    [InlineData("include package(\"x\")", "include package(...) is not supported")]
    [InlineData("include required(url(\"x\"))", "include url(...) is not supported inside of required(...)")]
    [InlineData("include x.conf", "include needs the name of a file in quotes")]
    [InlineData("include = 1", "include needs the name of a file in quotes")]
    [InlineData("a = [ { include \"b\" } ]", "include is not supported inside of a list")]
    [InlineData("a = [ { b += 1 } ]", "'+=' is not supported inside of a list")]
    [InlineData("a = ${X[]}", "${path[]}, is not supported")]
    [InlineData("[1]", "the root of a file must be an object")]
    [InlineData("a b = 1", "a key with blanks in it is not supported")]
    public void What_is_not_supported_is_refused_by_its_name(string text, string refusal) => Assert.Contains(refusal, _folder.Refusal(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("a", "a.conf:1: a: after a key belongs")]
    [InlineData("a =", "a.conf:1: a: the value is missing")]
    [InlineData("\na = 127.0.0.1:7420", "a.conf:2: a: ':' is not allowed in a text without quotes")]
    [InlineData("a = x@y", "a.conf:1: a: '@' is not allowed")]
    [InlineData("a = $x", "a.conf:1: a: '$' begins a substitution")]
    [InlineData("a = \"x", "a.conf:1: a: a text in quotes must end on its line")]
    [InlineData("a = \"\\q\"", "a.conf:1: a: \\q is no escape")]
    [InlineData("a = \"\"\"x", "a.conf:1: a: the triple quotes are never closed")]
    [InlineData("a { b = 1\n", "a.conf:2: a: the brace of line 1 is never closed")]
    [InlineData("a = 1 }", "a.conf:1: '}' stands after the end")]
    [InlineData("{ a = 1 } b = 2", "a.conf:1: 'b' stands after the end")]
    [InlineData("a = [1 \n", "the list that begins in line 1 is never closed")]
    [InlineData("a = ${b", "a.conf:1: a: the brace of a substitution is not closed")]
    [InlineData("a..b = 1", "'.' stands where a key is expected")]
    public void A_mistake_is_told_with_file_line_key_and_rule(string text, string refusal) => Assert.Contains(refusal, _folder.Refusal(text), StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_no_text_or_too_long_is_refused()
    {
        string path = _folder.PathOf("a.conf");
        File.WriteAllBytes(path, [(byte)'a', (byte)'=', 0xff]);
        Assert.EndsWith("is not UTF-8.", Assert.Throws<SettingsException>(() => HoconDocument.Load(static _ => null, path)).Message, StringComparison.Ordinal);
        Assert.Contains("is longer than", _folder.Refusal(new string(' ', (1024 * 1024) + 1)), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
