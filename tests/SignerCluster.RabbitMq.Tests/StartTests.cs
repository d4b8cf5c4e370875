using System.Text;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>What stops a start says what to do.</summary>
[Collection(BrokerTests.Name)]
public sealed class StartTests(TestBroker broker)
{
    private readonly IEngine _local = Hosts.Engine(static (_, request) => new(request));

    [Fact]
    public async Task A_second_process_with_a_name_that_is_taken_is_turned_away_and_the_first_is_not_disturbed()
    {
        await using RabbitMqEngine first = await broker.StartAsync(broker.Alice, "alice-1", _local);
        EngineException fault = await FailAsync(broker.Alice, static tuning => tuning.NodeNamePatience = TimeSpan.FromMilliseconds(300));
        Assert.Equal(("node_name_taken", false), (fault.Code, fault.IsTransient));
        Assert.Contains("unique", fault.Message, StringComparison.Ordinal);

        await using RabbitMqEngine asker = await broker.StartAskerAsync();
        Assert.Equal([1], (await asker.AskAsync("echo/alice/one", 1)).ToArray());
    }

    [Fact]
    public async Task A_start_waits_until_the_former_process_of_its_name_is_gone()
    {
        RabbitMqEngine former = await broker.StartAsync(broker.Alice, "alice-1", _local);
        Task<RabbitMqEngine> starting = broker.StartAsync(broker.Alice, "alice-1", _local, static tuning => tuning.NodeNamePatience = TimeSpan.FromSeconds(60));
        await former.DisposeAsync();
        await (await starting).DisposeAsync();
    }

    [Fact]
    public async Task A_missing_exchange_says_to_import_the_definitions()
    {
        EngineException fault = await FailAsync(broker.Bare);
        Assert.Equal(("broker_topology_missing", false), (fault.Code, fault.IsTransient));
        Assert.Contains("import_definitions", fault.Message, StringComparison.Ordinal);
        Assert.Contains(broker.Bare, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exchange_that_does_not_share_by_hash_says_to_enable_the_plugin()
    {
        EngineException fault = await FailAsync(broker.Misled);
        Assert.Equal(("broker_plugin_missing", false), (fault.Code, fault.IsTransient));
        Assert.Contains("rabbitmq-plugins enable rabbitmq_consistent_hash_exchange", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_says_so_and_does_not_show_it()
    {
        using var wrong = new BrokerPassword("wrong one"u8);
        EngineException fault = await FailAsync(broker.Alice, tuning => tuning.Password = wrong);
        Assert.Equal(("broker_login_refused", false), (fault.Code, fault.IsTransient));
        Assert.Contains($"the user {broker.Alice}", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong one", fault.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-host")]
    [InlineData("/")]
    public async Task A_virtual_host_that_is_missing_or_closed_to_the_user_says_so(string virtualHost)
    {
        EngineException fault = await FailAsync(broker.Alice, tuning => tuning.VirtualHost = virtualHost);
        Assert.Equal(("broker_host_refused", false), (fault.Code, fault.IsTransient));
        Assert.Contains(virtualHost, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_a_party_without_the_right_to_hear_it_says_so()
    {
        EngineException fault = await Assert.ThrowsAsync<EngineException>(
            () => TestBroker.StartAsync(broker.SettingsOf(broker.Alice, "alice-1"), new BrokerRoutes(broker.PartyOf, [broker.Bob]), local: null));
        Assert.Equal(("broker_rights_missing", false), (fault.Code, fault.IsTransient));
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_unavailable_for_now()
    {
        int port;
        await using (var closed = new CutProxy(broker.Port))
            port = closed.Port;
        EngineException fault = await Assert.ThrowsAsync<EngineException>(() => broker.StartAskerAsync(port: port));
        Assert.Equal(("broker_unavailable", true), (fault.Code, fault.IsTransient));
        Assert.Contains($"127.0.0.1:{port}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_says_nothing_is_unavailable_after_the_time_to_connect()
    {
        await using var line = new CutProxy(broker.Port);
        line.Silence();
        EngineException fault = await Assert.ThrowsAsync<EngineException>(
            () => broker.StartAskerAsync(port: line.Port, tune: static tuning => tuning.ConnectTimeout = TimeSpan.FromMilliseconds(200)));
        Assert.Equal(("broker_unavailable", true), (fault.Code, fault.IsTransient));
        Assert.Contains("0.2 s", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_a_broker_answers_there()
    {
        await using var line = new CutProxy(broker.Port);
        line.Cut();
        EngineException fault = await Assert.ThrowsAsync<EngineException>(() => broker.StartAskerAsync(port: line.Port));
        Assert.Equal(("broker_unavailable", true), (fault.Code, fault.IsTransient));
    }

    [Fact]
    public async Task Settings_out_of_range_name_the_setting_and_a_remote_broker_needs_tls()
    {
        ArgumentException many = await Assert.ThrowsAnyAsync<ArgumentException>(() => broker.StartAskerAsync(tune: static tuning => tuning.Prefetch = 0));
        Assert.Contains("Prefetch", many.Message, StringComparison.Ordinal);
        using var password = new BrokerPassword(Encoding.UTF8.GetBytes("password"));
        var remote = new RabbitMqSettings { Host = "broker.example", User = "alice", Password = password, Party = "alice", Node = "alice-1" };
        ArgumentException open = await Assert.ThrowsAnyAsync<ArgumentException>(
            () => TestBroker.StartAsync(remote, new BrokerRoutes(static _ => null, []), _local));
        Assert.Contains("TLS", open.Message, StringComparison.Ordinal);
    }

    private Task<EngineException> FailAsync(string party, Action<Tuning>? tune = null) =>
        Assert.ThrowsAsync<EngineException>(() => broker.StartAsync(party, "alice-1", _local, tune));
}
