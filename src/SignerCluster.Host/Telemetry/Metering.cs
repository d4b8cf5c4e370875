using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SignerCluster.Host.Http;

namespace SignerCluster.Host.Telemetry;

/// <summary>
/// Collects this process's instruments from its first moment on, for whoever scrapes <c>/metrics</c> and, where OpenTelemetry's own variables name one, for a
/// collector, which gets traces too. Belongs to a long-running verb; without it the instruments cost next to nothing.
/// </summary>
internal sealed class Metering : IDisposable
{
    private readonly TracerProvider? _traces;
    private NodeGauges? _gauges;

    private Metering(MeterProvider provider, TracerProvider? traces) => (Provider, _traces) = (provider, traces);

    internal MeterProvider Provider { get; }

    /// <summary>
    /// Null where OpenTelemetry is turned off. Throws <see cref="HttpSettingsException"/> with <c>otlp_endpoint_invalid</c> when a variable names no place to
    /// send to.
    /// </summary>
    internal static Metering? Start(Func<string, string?> environment)
    {
        if (bool.TryParse(environment("OTEL_SDK_DISABLED"), out bool isDisabled) && isDisabled)
        {
            return null;
        }

        MeterProviderBuilder metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(Name).AddMeter("SignerCluster.*", "System.Runtime").AddPrometheusExporter();
        return new Metering(
            (IsSent("METRICS", environment) ? metrics.AddOtlpExporter() : metrics).Build(),
            IsSent("TRACES", environment)
                ? Sdk.CreateTracerProviderBuilder().ConfigureResource(Name).AddSource("SignerCluster.*").AddOtlpExporter().Build()
                : null);
    }

    /// <summary>Shows from now on what a node holds, too.</summary>
    internal void Watch(ServedNode served)
    {
        _gauges?.Dispose();
        _gauges = new NodeGauges(served);
    }

    /// <summary>Sends a collector the last figures and ends.</summary>
    public void Dispose()
    {
        Provider.Dispose();
        _traces?.Dispose();
        _gauges?.Dispose();
    }

    private static void Name(ResourceBuilder resource) => resource.AddService("signer");

    private static bool IsSent(string signal, Func<string, string?> environment)
    {
        foreach (string variable in (ReadOnlySpan<string>)[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"])
        {
            if (environment(variable) is { Length: > 0 } place)
            {
                Require(variable, place);
                return true;
            }
        }

        return false;
    }

    private static void Require(string variable, string place)
    {
        if (!Uri.TryCreate(place, UriKind.Absolute, out Uri? address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new HttpSettingsException("otlp_endpoint_invalid", $"{variable} is no address of a collector. Write http://HOST:4317 or https://HOST:4317.");
        }
    }
}
