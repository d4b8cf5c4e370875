using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>What an administrator is given, and the passwords in and not in it.</summary>
public sealed class DefinitionsTests
{
    [Fact]
    public void A_party_may_do_what_its_role_needs_and_nothing_else()
    {
        BrokerTopology topology = BrokerTopology.Of("signer", [new("coordinator", ["alice", "bob", "coordinator"]), new("alice", []), new("bob", [])]);
        Assert.Equal(
            new BrokerUser(
                "coordinator",
                @"^coordinator\..*$",
                @"^(coordinator\..*|out\.coordinator|in\.alice|in\.bob|in\.coordinator)$",
                @"^(coordinator\..*|in\.coordinator|out\.alice|out\.bob|out\.coordinator)$"),
            topology.Users[0]);
        Assert.Equal(new BrokerUser("alice", @"^alice\..*$", @"^(alice\..*|out\.alice)$", @"^(alice\..*|in\.alice)$"), topology.Users[1]);
        Assert.Equal(
            [
                "in.coordinator x-consistent-hash",
                "out.coordinator direct",
                "in.alice x-consistent-hash",
                "out.alice direct",
                "in.bob x-consistent-hash",
                "out.bob direct",
            ],
            topology.Exchanges.Select(static exchange => $"{exchange.Name} {exchange.Type}"));
    }

    [Theory]
    [InlineData("in")]
    [InlineData("out")]
    [InlineData("amq")]
    [InlineData("")]
    [InlineData("Alice")]
    [InlineData("a.b")]
    [InlineData("a|b")]
    [InlineData("1a")]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefg")]
    public void A_name_that_would_reach_into_anothers_rights_is_no_party(string name)
    {
        Assert.Throws<ArgumentException>(() => BrokerTopology.Of("signer", [new(name, [])]));
    }

    [Fact]
    public void A_party_that_comes_twice_or_asks_nobody_known_is_refused()
    {
        Assert.Throws<ArgumentException>(() => BrokerTopology.Of("signer", [new("alice", []), new("alice", [])]));
        Assert.Throws<ArgumentException>(() => BrokerTopology.Of("signer", [new("alice", ["bob"])]));
    }

    [Fact]
    public void The_document_has_salted_hashes_and_no_password()
    {
        using var alices = new BrokerPassword("alices password"u8);
        using var roots = new BrokerPassword("roots password"u8);
        var passwords = new Dictionary<string, BrokerPassword>(StringComparer.Ordinal) { ["alice"] = alices, ["root"] = roots };
        using var output = new MemoryStream();
        BrokerDefinitions.Write(output, BrokerTopology.Of("signer", [new("alice", [])]), passwords, "root");

        string text = Encoding.UTF8.GetString(output.ToArray());
        Assert.DoesNotContain("password\"", text.Replace("password_hash\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("alices", text, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement alice = document.RootElement.GetProperty("users").EnumerateArray().Single(static user => user.GetProperty("name").GetString() == "alice");
        byte[] hash = alice.GetProperty("password_hash").GetBytesFromBase64();
        Assert.Equal(SHA256.HashData([.. hash[..4], .. "alices password"u8]), hash[4..]);
        Assert.Equal("", alice.GetProperty("tags").GetString());
    }

    [Fact]
    public void N2_A_password_cannot_be_printed_and_is_wiped()
    {
        var password = new BrokerPassword("hunter two"u8);
        Assert.Equal("<redacted>", $"{password}");
        Assert.Equal("\0me\0hunter two"u8.ToArray(), password.ToPlainResponse("me"u8));
        password.Dispose();
        Assert.Equal([0, .. "me"u8, .. new byte[11]], password.ToPlainResponse("me"u8));
    }

    [Theory]
    [InlineData("secret\n", UnixFileMode.UserRead, null)]
    [InlineData("secret", UnixFileMode.UserRead | UnixFileMode.UserWrite, null)]
    [InlineData("secret", UnixFileMode.UserRead | UnixFileMode.GroupRead, "broker_password_exposed")]
    [InlineData("", UnixFileMode.UserRead, "broker_password_invalid")]
    [InlineData("two\nlines", UnixFileMode.UserRead, "broker_password_invalid")]
    public void A_passwords_file_holds_one_line_and_belongs_to_its_owner_alone(string content, UnixFileMode mode, string? code)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, content);
            File.SetUnixFileMode(path, mode);
            if (code is null)
                BrokerPassword.Load(path).Dispose();
            else
                Assert.Equal(code, Assert.Throws<EngineException>(() => BrokerPassword.Load(path)).Code);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal("broker_password_missing", Assert.Throws<EngineException>(() => BrokerPassword.Load(path)).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u0002code\ntext")]
    [InlineData("\u0001code")]
    [InlineData("\u0001Not A Code\ntext")]
    [InlineData("\u0001\ntext")]
    public void A_fault_that_cannot_be_read_is_a_transient_failure(string bytes)
    {
        EngineException fault = FaultMessage.Decode(Encoding.UTF8.GetBytes(bytes));
        Assert.Equal(("entity_failed", true), (fault.Code, fault.IsTransient));
    }

    [Fact]
    public void A_faults_text_is_fit_for_a_log_line()
    {
        EngineException fault = FaultMessage.Decode(
            FaultMessage.Encode(new EngineException("overloaded", "one\ntwo\u001b[31m" + new string('x', 1000), isTransient: false)));
        Assert.Equal(("overloaded", false, 500), (fault.Code, fault.IsTransient, fault.Message.Length));
        Assert.DoesNotContain(fault.Message, char.IsControl);
    }
}
